// One chat's messages, notes and notices, merged from any mix of history, events and answers. The
// order is that of `message.seq` and an id is there once, whatever came first and however often.

import type { Actor, Message, MessageChange, Note, Person } from "./protocol";
import { wholeMessage } from "./whole";

export type Notice =
  | { kind: "told"; event_seq: number; at: string; what: What; name: string | null }
  | { kind: "joined"; event_seq: number; after_message: number; at: string; names: string[] }
  | { kind: "closed"; event_seq: number; at: string; reason: string; by: Actor };

/** What has happened to who is in the chat; `name` is whose doing it is, if it is told. */
export type What = "transferred" | "came" | "helps" | "left" | "requeued" | "reopened";

export interface Conversation {
  readonly messages: readonly Message[];
  readonly notices: readonly Notice[];
  /** What agents tell each other; no visitor's conversation has one. */
  readonly notes: readonly Note[];
}

export type Item =
  | { kind: "message"; message: Message }
  | { kind: "note"; note: Note }
  | { kind: "notice"; notice: Notice };

/** The events that a conversation is made of, as an agent's or a visitor's socket carries them. */
interface ChatEvent {
  type: string;
  seq?: number;
  at?: string;
}

export const EMPTY: Conversation = { messages: [], notices: [], notes: [] };

export function withMessage(conversation: Conversation, told: Message): Conversation {
  const { messages } = conversation;
  if (messages.some((known) => known.id === told.id)) return conversation;
  const message = wholeMessage(told);
  // Nearly always the newest; otherwise a page of history that came after live events.
  let at = messages.length;
  while (at > 0 && messages[at - 1]!.seq > message.seq) at--;
  return { ...conversation, messages: [...messages.slice(0, at), message, ...messages.slice(at)] };
}

/** Applies what the author has changed. What is deleted stays deleted, and the later change counts. */
export function withChange(conversation: Conversation, change: MessageChange): Conversation {
  return altered(conversation, change.id, (message) => {
    const late = message.edited_at !== null && message.edited_at > change.edited_at;
    if (message.deleted || late || change.text === null) return message;
    const { text, content, edited_at } = change;
    return { ...message, text, content, edited_at };
  });
}

export function withoutMessage(conversation: Conversation, id: string): Conversation {
  return altered(conversation, id, (message) =>
    message.deleted
      ? message
      : {
          ...message,
          text: null,
          content: [],
          buttons: [],
          button: null,
          file: null,
          deleted: true,
        },
  );
}

function altered(
  conversation: Conversation,
  id: string,
  change: (message: Message) => Message,
): Conversation {
  const before = conversation.messages.find((message) => message.id === id);
  const after = before === undefined ? undefined : change(before);
  if (before === undefined || after === undefined || before === after) return conversation;
  const messages = conversation.messages.map((message) => (message === before ? after : message));
  return { ...conversation, messages };
}

export function withNote(conversation: Conversation, note: Note): Conversation {
  const { notes } = conversation;
  if (notes.some((known) => known.id === note.id)) return conversation;
  const sorted = [...notes, note].sort((a, b) => a.number - b.number);
  return { ...conversation, notes: sorted };
}

function withNotice(conversation: Conversation, notice: Notice): Conversation {
  const { notices } = conversation;
  if (notices.some((known) => known.event_seq === notice.event_seq)) return conversation;
  const sorted = [...notices, notice].sort((a, b) => a.event_seq - b.event_seq);
  return { ...conversation, notices: sorted };
}

function told(
  conversation: Conversation,
  event_seq: number,
  at: string,
  what: What,
  name: string | null,
): Conversation {
  return withNotice(conversation, { kind: "told", event_seq, at, what, name });
}

/** Applies one event; one that has nothing to show changes nothing. */
export function withEvent(conversation: Conversation, event: ChatEvent): Conversation {
  if (event.seq === undefined || event.at === undefined) return conversation;
  const { seq: event_seq, at } = event;
  switch (event.type) {
    case "chat.message":
      return withMessage(conversation, (event as unknown as { message: Message }).message);
    case "chat.message_edited":
      return withChange(conversation, (event as unknown as { message: MessageChange }).message);
    case "chat.message_deleted":
      return withoutMessage(conversation, (event as unknown as { message: Message }).message.id);
    case "chat.note":
      return withNote(conversation, (event as unknown as { note: Note }).note);
    case "chat.accepted": {
      const accepted = event as unknown as {
        chat: { agents: Person[]; last_seq: number };
        agent?: Person;
      };
      const names = accepted.agent
        ? [accepted.agent.name]
        : accepted.chat.agents.map((a) => a.name);
      const after_message = accepted.chat.last_seq;
      return withNotice(conversation, { kind: "joined", event_seq, after_message, at, names });
    }
    case "chat.transferred": {
      const { agent } = event as unknown as { agent: Person | null };
      return told(conversation, event_seq, at, "transferred", agent?.name ?? null);
    }
    case "chat.participant_joined": {
      const { agent_id, role, chat } = event as unknown as {
        agent_id: string;
        role?: string;
        chat: { agents: Person[]; participants?: Person[] };
      };
      // Nobody is told of who listens, not even that one itself.
      if (role === "listener") return conversation;
      const people = [...chat.agents, ...(chat.participants ?? [])];
      const name = people.find(({ id }) => id === agent_id)?.name ?? null;
      return told(conversation, event_seq, at, role === "assistant" ? "helps" : "came", name);
    }
    case "chat.participant_left": {
      const { agent, role } = event as unknown as { agent: Person; role?: string };
      if (role === "listener") return conversation;
      return told(conversation, event_seq, at, "left", agent.name);
    }
    case "chat.requeued":
      return told(conversation, event_seq, at, "requeued", null);
    case "chat.reopened":
      return told(conversation, event_seq, at, "reopened", null);
    case "chat.closed": {
      const { reason, by } = event as unknown as { reason: string; by: Actor };
      return withNotice(conversation, { kind: "closed", event_seq, at, reason, by });
    }
    default:
      return conversation;
  }
}

export function withEvents(conversation: Conversation, events: readonly ChatEvent[]): Conversation {
  return events.reduce(withEvent, conversation);
}

/** Returns what to show, in order: by number, and what has none of a message's by its moment. */
export function timeline({ messages, notices, notes }: Conversation): Item[] {
  const items: Item[] = [];
  // What the service says itself of a moment, it says as a message; an event tells it again.
  const said = new Set(messages.filter(({ notice }) => notice !== null).map((m) => m.sent_at));
  const rest = notices.filter((notice) => notice.kind !== "told" || !said.has(notice.at));
  const unsaid = [...notes];
  const noteUntil = (at: string | null): void => {
    while (unsaid[0] !== undefined && (at === null || unsaid[0].sent_at < at)) {
      items.push({ kind: "note", note: unsaid.shift()! });
    }
  };
  const place = (next: Message): void => {
    while (rest[0] !== undefined && isBefore(rest[0], next)) {
      noteUntil(rest[0].at);
      items.push({ kind: "notice", notice: rest.shift()! });
    }
  };
  for (const message of messages) {
    place(message);
    noteUntil(message.sent_at);
    items.push({ kind: "message", message });
  }
  for (const notice of rest) {
    noteUntil(notice.at);
    items.push({ kind: "notice", notice });
  }
  noteUntil(null);
  return items;
}

function isBefore(notice: Notice, message: Message): boolean {
  return notice.kind === "joined"
    ? notice.after_message < message.seq
    : notice.at < message.sent_at;
}

export function lastSeq(conversation: Conversation): number {
  return conversation.messages.at(-1)?.seq ?? 0;
}
