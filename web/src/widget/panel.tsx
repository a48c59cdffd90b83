// The script of the panel: mounts it into the launcher's shadow root. The launcher loads it when it
// is first needed.

import { render } from "preact";
import type { Panel, PanelHost } from "./contract";
import css from "./panel.css?inline";
import { PanelView } from "./panel-view";
import { Visit } from "./visit";

export function mount(host: PanelHost): Panel {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  host.root.adoptedStyleSheets = [...host.root.adoptedStyleSheets, sheet];
  const place = document.createElement("div");
  host.root.prepend(place);

  const visit = new Visit(host);
  render(<PanelView visit={visit} onClose={host.onClose} />, place);

  return {
    open(focus) {
      visit.open();
      if (!focus) return;
      // After the rendering, which Preact does in its own time.
      setTimeout(() => {
        const field = place.querySelector<HTMLElement>("input, textarea");
        (field ?? place.querySelector<HTMLElement>(".over button, .close"))?.focus();
      }, 50);
    },
    close: () => visit.close(),
    setMode: (mode, offices = []) => visit.setMode(mode, offices),
    identify: (identity) => visit.identify(identity),
    leave() {
      visit.leave();
      render(null, place);
      place.remove();
      host.root.adoptedStyleSheets = host.root.adoptedStyleSheets.filter((own) => own !== sheet);
    },
  };
}
