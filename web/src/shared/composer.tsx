// The box to write a message: grows with the text, sends with Enter, takes files that are pasted or
// dropped on it.

import type { ComponentChild } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { textFault } from "./text";

export interface ComposerProps {
  label: string;
  placeholder: string;
  text: string;
  class?: string;
  /** Something is ready to be sent without a text. */
  ready?: boolean;
  /** What is still on its way must arrive first. */
  waits?: boolean;
  onText(text: string): void;
  onSend(text: string): void;
  /** Without it no files are taken. */
  onFiles?(files: File[]): void;
  /** Hears a key first; returns true when it was meant for something else. */
  onKey?(event: KeyboardEvent): boolean;
  /** What else describes the box: a list of suggestions. */
  field?: Record<string, string | boolean | undefined>;
  above?: ComponentChild;
  tools?: ComponentChild;
}

export function Composer(props: ComposerProps) {
  const { label, placeholder, text, onText, onSend, onFiles } = props;
  const form = useRef<HTMLFormElement>(null);
  const box = useRef<HTMLTextAreaElement>(null);
  const fault = textFault(text.trim());
  const empty = text.trim() === "";
  const sendable = props.waits !== true && (fault === null || (empty && props.ready === true));

  const send = (event: Event): void => {
    event.preventDefault();
    if (sendable) onSend(text);
    box.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (props.onKey?.(event) === true) return;
    // Enter also ends the input of a Japanese or Chinese word; that one does not send.
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event);
  };
  const take = (event: Event, data: DataTransfer | null): void => {
    const files = [...(data?.files ?? [])];
    if (files.length === 0 || onFiles === undefined) return;
    event.preventDefault();
    onFiles(files);
  };

  useEffect(() => {
    const whole = form.current!;
    const over = (on: boolean) => (event: DragEvent) => {
      if (onFiles === undefined || !event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      whole.classList.toggle("drop", on);
    };
    const enter = over(true);
    const leave = over(false);
    whole.addEventListener("dragover", enter);
    whole.addEventListener("dragleave", leave);
    return () => {
      whole.removeEventListener("dragover", enter);
      whole.removeEventListener("dragleave", leave);
    };
  }, [onFiles === undefined]);

  const too_long = !empty && fault !== null;
  return (
    <form
      ref={form}
      class={`composer ${props.class ?? ""}`}
      onSubmit={send}
      onDrop={(event) => {
        form.current!.classList.remove("drop");
        take(event, event.dataTransfer);
      }}
    >
      {too_long && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      {props.above}
      {props.tools}
      <label>
        <span class="hidden">{label}</span>
        <textarea
          ref={box}
          rows={1}
          value={text}
          placeholder={placeholder}
          onInput={(event) => onText(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          onPaste={(event) => take(event, event.clipboardData)}
          {...props.field}
        />
      </label>
      <button type="submit" class="primary" disabled={!sendable}>
        Send
      </button>
    </form>
  );
}
