// One chat's messages and notices, merged from any mix of history, events and answers. The order is
// that of `message.seq` and an id is there once, whatever came first and however often.

import type { Actor, Message, Person } from "./protocol";

export type Notice =
  | { kind: "joined"; event_seq: number; after_message: number; at: string; names: string[] }
  | { kind: "closed"; event_seq: number; at: string; reason: string; by: Actor };

export interface Conversation {
  readonly messages: readonly Message[];
  readonly notices: readonly Notice[];
}

export type Item = { kind: "message"; message: Message } | { kind: "notice"; notice: Notice };

/** The events that a conversation is made of, as an agent's or a visitor's socket carries them. */
interface ChatEvent {
  type: string;
  seq?: number;
  at?: string;
}

export const EMPTY: Conversation = { messages: [], notices: [] };

export function withMessage(conversation: Conversation, message: Message): Conversation {
  const { messages, notices } = conversation;
  if (messages.some((known) => known.id === message.id)) return conversation;
  // Nearly always the newest; otherwise a page of history that came after live events.
  let at = messages.length;
  while (at > 0 && messages[at - 1]!.seq > message.seq) at--;
  return { messages: [...messages.slice(0, at), message, ...messages.slice(at)], notices };
}

function withNotice(conversation: Conversation, notice: Notice): Conversation {
  const { messages, notices } = conversation;
  if (notices.some((known) => known.event_seq === notice.event_seq)) return conversation;
  const sorted = [...notices, notice].sort((a, b) => a.event_seq - b.event_seq);
  return { messages, notices: sorted };
}

/** Applies one event; one that has nothing to show changes nothing. */
export function withEvent(conversation: Conversation, event: ChatEvent): Conversation {
  if (event.seq === undefined || event.at === undefined) return conversation;
  const { seq: event_seq, at } = event;
  switch (event.type) {
    case "chat.message":
      return withMessage(conversation, (event as unknown as { message: Message }).message);
    case "chat.accepted": {
      const accepted = event as unknown as {
        chat: { agents: Person[]; last_seq: number };
        agent?: Person;
      };
      const names = accepted.agent ? [accepted.agent.name] : accepted.chat.agents.map((a) => a.name);
      const after_message = accepted.chat.last_seq;
      return withNotice(conversation, { kind: "joined", event_seq, after_message, at, names });
    }
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

/** Returns what to show, in order. */
export function timeline({ messages, notices }: Conversation): Item[] {
  const items: Item[] = [];
  const rest = [...notices];
  const place = (before_seq: number): void => {
    while (rest[0]?.kind === "joined" && rest[0].after_message < before_seq) {
      items.push({ kind: "notice", notice: rest.shift()! });
    }
  };
  for (const message of messages) {
    place(message.seq);
    items.push({ kind: "message", message });
  }
  return [...items, ...rest.map((notice): Item => ({ kind: "notice", notice }))];
}

export function lastSeq(conversation: Conversation): number {
  return conversation.messages.at(-1)?.seq ?? 0;
}
