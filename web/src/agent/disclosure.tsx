// A button that opens a box below it. The page behind stays in use: a chat may ring meanwhile.

import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";

interface Props {
  /** What the button says. */
  label: ComponentChildren;
  /** The name of the box. */
  title: string;
  class: string;
  children: ComponentChildren;
}

export function Disclosure(props: Props) {
  const [open, setOpen] = useState(false);
  const whole = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();

  useEffect(() => {
    if (!open) return;
    const outside = (event: Event): void => {
      if (!whole.current!.contains(event.target as Node)) setOpen(false);
    };
    const escape = (event: KeyboardEvent): void => {
      if (event.key !== "Escape") return;
      setOpen(false);
      button.current!.focus();
    };
    document.addEventListener("pointerdown", outside);
    document.addEventListener("focusin", outside);
    document.addEventListener("keydown", escape);
    return () => {
      document.removeEventListener("keydown", escape);
      document.removeEventListener("pointerdown", outside);
      document.removeEventListener("focusin", outside);
    };
  }, [open]);

  return (
    <div ref={whole} class={`disclosure ${props.class}`}>
      <button
        ref={button}
        type="button"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        {props.label}
      </button>
      <div id={id} class="box" role="group" aria-label={props.title} hidden={!open}>
        {open && props.children}
      </div>
    </div>
  );
}
