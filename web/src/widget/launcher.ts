// The script a site embeds: <script src="/widget.js" data-key="wk_..." async></script>. It shows the
// button while somebody can be reached, and loads the panel when it is first needed. It must stay
// small, since every visitor of every page loads it. A site that knows its visitors adds
// data-identity-token="...", and calls Deskbell.identify(token or null) when somebody logs in or out.

import type { GreetingAnswer, Mode, OfficeMode } from "../shared/protocol";
import { keep } from "../shared/keep";
import { watchAvailability } from "./availability";
import { bubble } from "./bubble";
import { place, type KeptChat, type Panel, type PanelScript } from "./contract";
import { countVisit, Greeter, type Visits } from "./greeting";
import { enter, placeKey, readIdentity, type SiteIdentity } from "./site";
import css from "./launcher.css?inline";

// Known only while the script runs for the first time.
const script = document.currentScript as HTMLScriptElement | null;

function launch(base: string, key: string, first_identity: SiteIdentity | null): Switch {
  let identity = first_identity;
  enter(key, identity);
  let kept_open = keep<boolean>("sessionStorage", place("open", placeKey(key, identity)));
  let mode: Mode = "hidden";
  let offices: readonly OfficeMode[] = [];
  let in_use = false;
  let unread = 0;
  let opened = false;
  let loading: Promise<Panel> | null = null;
  // Counts who has been here.
  let turn = 0;

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
    if (loading !== null) return loading;
    const own_turn = turn;
    // What the panel of somebody who has left says is of nobody's interest.
    const here = (): boolean => own_turn === turn;
    const own_panel = loadPanel(base).then((script) => {
      if (!here()) throw new Error("somebody else is here");
      const panel = script.mount({
        root,
        base,
        key,
        identity,
        onUnread(count) {
          if (!here()) return;
          unread = count;
          update();
        },
        onInUse(now_in_use) {
          if (!here()) return;
          in_use = now_in_use;
          update();
        },
        onClose: close,
      });
      panel.setMode(mode, offices);
      return panel;
    });
    loading = own_panel;
    return own_panel;
  };

  const open = async (focus: boolean): Promise<void> => {
    opened = true;
    // Who opens the chat needs no greeting any more, closed or not.
    if (focus) greeter.answer();
    update();
    const asked = load();
    try {
      const panel = await asked;
      if (!opened || loading !== asked) return;
      panel.open(focus);
      kept_open.write(true);
    } catch {
      if (loading !== asked) return;
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
  const follow = (): void => {
    const chat = keep<KeptChat>("localStorage", place("chat", placeKey(key, identity))).read();
    if (chat === null || chat.closed_at !== null) return;
    const asked = load();
    asked.catch(() => {
      if (loading === asked) loading = null;
    });
  };
  follow();

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

  return (next) => {
    const same = placeKey(key, next) === placeKey(key, identity);
    identity = next;
    if (same) return void loading?.then((panel) => panel.identify?.(next));
    // The panel of whoever was here goes before anything else is shown, what is kept of them with it.
    loading?.then((panel) => (panel.leave ?? panel.close)()).catch(() => {});
    loading = null;
    turn++;
    enter(key, next);
    kept_open = keep<boolean>("sessionStorage", place("open", placeKey(key, next)));
    opened = in_use = false;
    unread = 0;
    update();
    follow();
  };
}

/** Says who is here from now on. */
type Switch = (identity: SiteIdentity | null) => void;

async function loadPanel(base: string): Promise<PanelScript> {
  if (globalThis.DeskbellPanel === undefined) await loadScript(`${base}/assets/widget-panel.js`);
  return globalThis.DeskbellPanel!;
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
  let identity = readIdentity(script.dataset["identityToken"]);
  let tell: Switch = (next) => (identity = next);
  globalThis.Deskbell = { identify: (token) => tell(readIdentity(token)) };
  const begin = (): void => void (tell = launch(base, key, identity));
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
}
