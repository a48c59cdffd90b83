// Where the keyboard goes on when what had its focus is gone from the page.

import { useEffect, useRef } from "preact/hooks";

/** After a change of `what`, focuses what `find` gives, if nothing has the focus any more. */
export function useFocusKept(what: unknown, find: () => HTMLElement | null | undefined): void {
  const before = useRef(what);
  useEffect(() => {
    // A page that was just opened has lost nothing.
    if (before.current === what) return;
    before.current = what;
    const { activeElement, body } = document;
    if (activeElement === null || activeElement === body) find()?.focus();
  }, [what]);
}

/** Returns the tab of the list in view: from there everything else is a few keys away. */
export function currentTab(): HTMLElement | null {
  return document.querySelector<HTMLElement>(".tabs [aria-selected=true]");
}
