// A box in front of the page that asks for something. The browser keeps the focus in it and gives it
// back; a chat that rings meanwhile is behind it, and is said aloud.

import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

interface Props {
  title: string;
  onClose(): void;
  children: ComponentChildren;
}

export function Dialog({ title, onClose, children }: Props) {
  const box = useRef<HTMLDialogElement>(null);
  const title_line = useRef<HTMLHeadingElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = box.current!;
    dialog.showModal();
    // Its name is said first; without this the button that puts it away would be.
    title_line.current!.focus();
    // Taken off the page without being closed it would keep the focus to itself.
    return () => dialog.close();
  }, []);
  return (
    <dialog ref={box} class="dialog" aria-labelledby={id} onClose={onClose}>
      <header>
        <h2 id={id} ref={title_line} tabIndex={-1}>
          {title}
        </h2>
        <button type="button" class="dismiss" aria-label="Cancel" onClick={onClose}>
          <span aria-hidden="true">×</span>
        </button>
      </header>
      {children}
    </dialog>
  );
}

/** Moves the focus on to the first thing to do, unless somebody has moved it already. */
export function focusFirst(form: HTMLElement | null): void {
  const title_line = form?.closest("dialog")?.querySelector("h2");
  if (title_line == null || document.activeElement !== title_line) return;
  form!.querySelector<HTMLElement>("input, textarea, button[type=submit]:enabled")?.focus();
}
