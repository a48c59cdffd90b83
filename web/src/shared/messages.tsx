// The list of messages of one chat, and the box to write one: the same for agents and visitors. All
// texts are text nodes.

import type { ComponentChild } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { timeline, type Conversation, type Notice } from "./conversation";
import { timeOf } from "./format";
import type { Entry } from "./outbox";
import type { Author, Message } from "./protocol";
import { textFault } from "./text";

export interface MessagesProps {
  label: string;
  conversation: Conversation;
  /** This chat's unanswered messages, shown after all others. */
  entries: readonly Entry[];
  loading: boolean;
  mine(author: Author): boolean;
  nameOf(author: Author): string;
  notice(notice: Notice): string;
  /** Who types at the moment, as a sentence. */
  typing: string | null;
  onRetry(id: string): void;
  onDiscard(id: string): void;
  children?: ComponentChild;
}

// Closer to the end than this counts as reading the newest.
const NEAR_END_PX = 80;

export function Messages(props: MessagesProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const at_end = useRef(true);
  const items = timeline(props.conversation);
  // An entry whose event has come is a message already.
  const known = new Set(props.conversation.messages.map((message) => message.id));
  const entries = props.entries.filter((entry) => !known.has(entry.id));

  useLayoutEffect(() => {
    const box = scroller.current;
    if (box !== null && at_end.current) box.scrollTop = box.scrollHeight;
  }, [items.length, entries.length, props.typing, props.loading]);

  // What one writes oneself is always shown.
  useLayoutEffect(() => {
    const box = scroller.current;
    if (box !== null && entries.length > 0) box.scrollTop = box.scrollHeight;
  }, [entries.length]);

  // A phone's keyboard takes half of the box; the newest message stays in sight.
  useLayoutEffect(() => {
    const box = scroller.current!;
    const observer = new ResizeObserver(() => {
      if (at_end.current) box.scrollTop = box.scrollHeight;
    });
    observer.observe(box);
    return () => observer.disconnect();
  }, []);

  const onScroll = (): void => {
    const box = scroller.current!;
    at_end.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END_PX;
  };

  const lines = [
    ...items.map((item) =>
      item.kind === "message" ? (
        <MessageItem key={item.message.id} message={item.message} {...props} />
      ) : (
        <li key={`notice ${item.notice.event_seq}`} class="notice">
          {props.notice(item.notice)} <Time at={item.notice.at} />
        </li>
      ),
    ),
    ...entries.map((entry) => <EntryItem key={entry.id} entry={entry} {...props} />),
  ];

  return (
    <div class="messages" ref={scroller} onScroll={onScroll} tabIndex={0}>
      {props.children}
      <div role="log" aria-live="polite" aria-label={props.label} aria-busy={props.loading}>
        {props.loading && items.length === 0 && <p class="notice">Loading messages…</p>}
        <ol>{lines}</ol>
      </div>
      <p class="typing" aria-live="polite">
        {props.typing}
      </p>
    </div>
  );
}

function MessageItem({ message, mine, nameOf }: { message: Message } & MessagesProps) {
  const own = mine(message.author);
  return (
    <li class={own ? "message own" : `message ${message.author.kind}`}>
      <p class="meta">
        <span class={own ? "hidden" : "author"}>{nameOf(message.author)}</span>{" "}
        <Time at={message.sent_at} />
      </p>
      <p class="text" dir="auto">
        {message.text}
      </p>
    </li>
  );
}

function EntryItem({ entry, onRetry, onDiscard }: { entry: Entry } & MessagesProps) {
  const failed = entry.refused !== null;
  return (
    <li class={failed ? "message own failed" : "message own pending"}>
      <p class="meta">{failed ? "Not sent" : "Sending…"}</p>
      <p class="text" dir="auto">
        {entry.text}
      </p>
      {failed && (
        <div class="failure" role="alert">
          <span>{entry.refused}</span>
          <button type="button" class="plain" onClick={() => onRetry(entry.id)}>
            Try again
          </button>
          <button type="button" class="plain" onClick={() => onDiscard(entry.id)}>
            Discard
          </button>
        </div>
      )}
    </li>
  );
}

function Time({ at }: { at: string }) {
  return <time dateTime={at}>{timeOf(at)}</time>;
}

export interface ComposerProps {
  label: string;
  placeholder: string;
  text: string;
  onText(text: string): void;
  onSend(text: string): void;
}

export function Composer({ label, placeholder, text, onText, onSend }: ComposerProps) {
  const box = useRef<HTMLTextAreaElement>(null);
  const fault = textFault(text.trim());

  const send = (event: Event): void => {
    event.preventDefault();
    if (fault === null) onSend(text);
    box.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // Enter also ends the input of a Japanese or Chinese word; that one does not send.
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event);
  };

  const too_long = text.trim() !== "" && fault !== null;
  return (
    <form class="composer" onSubmit={send}>
      {too_long && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      <label>
        <span class="hidden">{label}</span>
        <textarea
          ref={box}
          rows={1}
          value={text}
          placeholder={placeholder}
          onInput={(event) => onText(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
      </label>
      <button type="submit" class="primary" disabled={fault !== null}>
        Send
      </button>
    </form>
  );
}
