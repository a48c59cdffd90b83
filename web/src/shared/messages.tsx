// The list of messages of one chat: the same for agents and visitors. All texts are text nodes.

import type { ComponentChild } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { timeline, type Conversation, type Notice } from "./conversation";
import { timeOf } from "./format";
import { Content, contentOf } from "./markup";
import { MessageItem } from "./message";
import type { Entry } from "./outbox";
import type { Author, Button, Message, Note, ReadMark } from "./protocol";

export interface MessagesProps {
  label: string;
  conversation: Conversation;
  /** This chat's unanswered messages, shown after all others. */
  entries: readonly Entry[];
  loading: boolean;
  /** The server's origin, for files; empty on its own pages. */
  base: string;
  mine(author: Author): boolean;
  nameOf(author: Author): string;
  notice(notice: Notice): string;
  /** How far the other side has got, as far as it tells. */
  mark: ReadMark;
  /** Who types at the moment, as a sentence. */
  typing: ComponentChild;
  onRetry(id: string): void;
  onDiscard(id: string): void;
  /** Presses a button of a message; without it they can not be pressed. */
  onPress?(message: Message, button: Button): void;
  /** What the author can change, while that is possible. */
  onEdit?(message: Message, text: string): Promise<void>;
  onDelete?(message: Message): Promise<void>;
  children?: ComponentChild;
}

// Closer to the end than this counts as reading the newest.
const NEAR_END_PX = 80;

export function Messages(props: MessagesProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const at_end = useRef(true);
  const items = timeline(props.conversation);
  // An entry whose event has come is a message already.
  const { messages, notes } = props.conversation;
  const known = new Set([...messages, ...notes].map(({ id }) => id));
  const entries = props.entries.filter((entry) => !known.has(entry.id));
  const last_own = messages.findLast(({ author, deleted }) => props.mine(author) && !deleted)?.id;
  // A button is pressed once; the answer says which.
  const pressed = new Set(messages.flatMap(({ button }) => (button ? [button.message_id] : [])));

  useLayoutEffect(() => {
    const box = scroller.current;
    if (box !== null && at_end.current) box.scrollTop = box.scrollHeight;
  }, [items.length, entries.length, props.typing !== null, props.loading]);

  // What one writes oneself is always shown.
  useLayoutEffect(() => {
    const box = scroller.current;
    if (box !== null && entries.length > 0) box.scrollTop = box.scrollHeight;
  }, [entries.length]);

  // A phone's keyboard takes half of the box, and a picture grows when it has come; the newest
  // message stays in sight.
  useLayoutEffect(() => {
    const box = scroller.current!;
    const observer = new ResizeObserver(() => {
      if (at_end.current) box.scrollTop = box.scrollHeight;
    });
    observer.observe(box);
    observer.observe(box.querySelector("ol")!);
    return () => observer.disconnect();
  }, []);

  const onScroll = (): void => {
    const box = scroller.current!;
    at_end.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END_PX;
  };

  const lines = [
    ...items.map((item) => {
      switch (item.kind) {
        case "message":
          return (
            <MessageItem
              key={item.message.id}
              message={item.message}
              last_own={item.message.id === last_own}
              pressed={pressed.has(item.message.id)}
              {...props}
            />
          );
        case "note":
          return <NoteItem key={item.note.id} note={item.note} {...props} />;
        case "notice":
          return (
            <li key={`notice ${item.notice.event_seq}`} class="notice">
              {props.notice(item.notice)} <Time at={item.notice.at} />
            </li>
          );
      }
    }),
    ...entries.map((entry) => <EntryItem key={entry.id} entry={entry} {...props} />),
  ];

  return (
    <div class="messages" ref={scroller} onScroll={onScroll} tabIndex={0}>
      {props.children}
      <div role="log" aria-live="polite" aria-label={props.label} aria-busy={props.loading}>
        {props.loading && items.length === 0 && <p class="notice">Loading messages…</p>}
        <ol>{lines}</ol>
      </div>
      <div class="typing" aria-live="polite">
        {props.typing}
      </div>
    </div>
  );
}

function NoteItem({ note, nameOf }: { note: Note } & MessagesProps) {
  return (
    <li class="message note">
      <p class="meta">
        <span class="author">{nameOf(note.author)}</span>{" "}
        <span class="badge-note">Internal note</span> <Time at={note.sent_at} />
      </p>
      <div class="text" dir="auto">
        <Content nodes={contentOf(note)} />
      </div>
    </li>
  );
}

function EntryItem({ entry, onRetry, onDiscard }: { entry: Entry } & MessagesProps) {
  const failed = entry.refused !== null;
  const kind = entry.internal === true ? "note" : "own";
  return (
    <li class={`message ${kind} ${failed ? "failed" : "pending"}`}>
      <p class="meta">{failed ? "Not sent" : "Sending…"}</p>
      {entry.text !== "" && (
        <p class="text" dir="auto">
          {entry.text}
        </p>
      )}
      {entry.file !== undefined && <p class="text">{entry.file.name}</p>}
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

export function Time({ at }: { at: string }) {
  return <time dateTime={at}>{timeOf(at)}</time>;
}
