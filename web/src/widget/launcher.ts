// The script a site embeds: <script src="/widget.js" data-key="wk_..." async></script>. It shows the
// button while somebody can be reached, and loads the panel when it is first needed. It must stay
// small, since every visitor of every page loads it.

import type { GreetingAnswer, Mode, OfficeMode } from "../shared/protocol";
import { keep } from "../shared/keep";
import { watchAvailability } from "./availability";
import { bubble } from "./bubble";
import { place, type KeptChat, type Panel } from "./contract";
import { countVisit, Greeter, type Visits } from "./greeting";
import css from "./launcher.css?inline";

// Known only while the script runs for the first time.
const script = document.currentScript as HTMLScriptElement | null;

function launch(base: string, key: string): void {
  const kept_open = keep<boolean>("sessionStorage", place("open", key));
  let mode: Mode = "hidden";
  let offices: readonly OfficeMode[] = [];
  let in_use = false;
  let unread = 0;
  let opened = false;
  let loading: Promise<Panel> | null = null;

  const host = document.createElement("deskbell-widget");
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];

  const button = document.createElement("button");
  button.type = "button";
  button.className = "launcher";
  const label = document.createElement("span");
  const badge = document.createElement("b");
  button.append(label, badge);
  root.append(button);
  document.body.append(host);

  const greeting = bubble(
    root,
    () => void open(true),
    () => {
      greeter.answer();
      button.focus();
    },
  );
  const kept_visits = keep<Visits>("localStorage", place("visits", key));
  const visits = countVisit(kept_visits.read(), Date.now(), document.referrer);
  kept_visits.write(visits);
  const own = `/v1/widget/${encodeURIComponent(key)}`;
  const greeter = new Greeter({
    ask: async (question) => {
      const response = await fetch(`${base}${own}/greeting`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(question),
        credentials: "omit",
      });
      if (!response.ok) throw new Error(String(response.status));
      return (await response.json()) as GreetingAnswer;
    },
    show: (offered) => greeting.show(offered),
    now_ms: () => performance.now(),
    url: () => location.href,
    language: navigator.language,
    visits,
    answered: keep<boolean>("sessionStorage", place("greeted", key)),
  });

  const update = (): void => {
    greeter.keepQuiet(opened || in_use);
    button.hidden = mode === "hidden" && !in_use && !opened;
    button.setAttribute("aria-expanded", String(opened));
    label.textContent = opened
      ? "Hide chat"
      : mode === "messenger" && !in_use
        ? "Leave a message"
        : "Chat with us";
    badge.textContent = unread > 0 && !opened ? String(unread) : "";
    badge.hidden = badge.textContent === "";
    badge.setAttribute("aria-label", `${unread} new`);
  };

  const close = (): void => {
    opened = false;
    kept_open.write(null);
    void loading?.then((panel) => panel.close());
    update();
    button.focus();
  };

  const load = (): Promise<Panel> => {
    loading ??= loadScript(`${base}/assets/widget-panel.js`).then(() => {
      const panel = globalThis.DeskbellPanel!.mount({
        root,
        base,
        key,
        onUnread(count) {
          unread = count;
          update();
        },
        onInUse(now_in_use) {
          in_use = now_in_use;
          update();
        },
        onClose: close,
      });
      panel.setMode(mode, offices);
      return panel;
    });
    return loading;
  };

  const open = async (focus: boolean): Promise<void> => {
    opened = true;
    // Who opens the chat needs no greeting any more, closed or not.
    if (focus) greeter.answer();
    update();
    try {
      const panel = await load();
      if (!opened) return;
      panel.open(focus);
      kept_open.write(true);
    } catch {
      loading = null;
      opened = false;
      update();
      label.textContent = "The chat could not be loaded. Try again";
    }
  };

  button.addEventListener("click", () => {
    if (opened) close();
    else void open(true);
  });

  update();
  // A chat that is still open is followed from the start, so that an answer is noticed.
  const chat = keep<KeptChat>("localStorage", place("chat", key)).read();
  if (chat !== null && chat.closed_at === null) load().catch(() => (loading = null));

  let first = true;
  watchAvailability(`${base}${own}/availability`, (answer) => {
    ({ mode, offices } = answer);
    void loading?.then((panel) => panel.setMode(mode, offices));
    update();
    if (first && kept_open.read() === true && mode !== "hidden") void open(false);
    first = false;
    const kept = kept_visits.read();
    // Another tab may have counted on.
    if (kept !== null) kept_visits.write({ ...kept, seen_ms: Date.now() });
    greeter.availability(answer);
  });
}

function loadScript(src: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const element = document.createElement("script");
    element.src = src;
    element.onload = () => resolve();
    element.onerror = () => {
      element.remove();
      reject(new Error(src));
    };
    document.head.append(element);
  });
}

const key = script?.dataset["key"];
if (script === null || key === undefined || key === "") {
  console.warn("deskbell: the script needs data-key and must be a plain <script>");
} else if (document.querySelector("deskbell-widget") === null) {
  const base = new URL(script.src).origin;
  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", () => launch(base, key));
  } else {
    launch(base, key);
  }
}
