// Tells the server that a person acts on this page (PRES-6): at once, and then no more often than
// every 20 s. Each page tells for itself; the server takes the latest. Nothing is told by a timer:
// without an act there is no frame.

export const TELL_EVERY_MS = 20_000;

export class ActivityTeller {
  private told_ms = -Infinity;

  constructor(
    /** Returns whether it could be told; else the next act tries again. */
    private readonly tell: () => boolean,
  ) {}

  acted(now_ms: number): void {
    if (now_ms - this.told_ms < TELL_EVERY_MS) return;
    if (this.tell()) this.told_ms = now_ms;
  }
}

/** Calls `acted` when a person moves, presses, types, scrolls or comes back to the page. */
export function watchPerson(acted: () => void): void {
  const act = (event: Event): void => {
    // A script's own events are nobody's act.
    if (event.isTrusted) acted();
  };
  const passive = { capture: true, passive: true } as const;
  for (const type of ["pointerdown", "keydown", "wheel"]) {
    document.addEventListener(type, act, passive);
  }
  // Browsers also report a move when the page moves under a pointer that rests.
  let place = "";
  document.addEventListener(
    "pointermove",
    (event) => {
      const before = place;
      place = `${event.screenX} ${event.screenY}`;
      if (before !== "" && before !== place) act(event);
    },
    passive,
  );
  window.addEventListener("focus", act);
}
