// The demo page: embeds the widget as any site would, with the key that the server has filled in.

import "./demo.css";

const meta = document.querySelector<HTMLMetaElement>('meta[name="deskbell-widget-key"]');
const key = meta?.content ?? "";

if (key.startsWith("wk_")) {
  const script = document.createElement("script");
  script.src = "/widget.js";
  script.async = true;
  script.dataset["key"] = key;
  document.head.append(script);
} else {
  console.warn("deskbell: the server has no widget key for this page");
}
