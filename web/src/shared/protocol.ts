// The words of docs/protocol.md as types: what REST answers and what the sockets carry.
// Types only; nothing here runs. A field that the contract may leave `null` says so.

export type Status = "online" | "away" | "offline" | "invisible";
export type Mode = "live" | "messenger" | "hidden";
export type ChatState =
  | "waiting"
  | "offered"
  | "active"
  | "wrap_up"
  | "closed"
  | "offline_message";

export interface Agent {
  id: string;
  name: string;
  email: string;
  role: string;
  capacity: number;
  created_at: string;
}

export interface Presence {
  agent_id: string;
  status: Status;
  effective: Status;
  reason: string;
  since: string;
}

export interface Contact {
  id: string;
  name: string | null;
  email: string | null;
  fields: Record<string, string>;
}

export interface Person {
  id: string;
  name: string;
}

export interface Chat {
  id: string;
  state: ChatState;
  office_id: string;
  queue_id: string | null;
  contact: Contact;
  agents: Person[];
  last_seq: number;
  started_at: string;
  accepted_at: string | null;
  closed_at: string | null;
  close_reason: string | null;
}

/** A chat as its visitor sees it. `office_id` is unknown until the server has told it. */
export interface VisitorChat {
  id: string;
  state: ChatState;
  office_id: string | null;
  position: number | null;
  estimated_wait_s: number | null;
  agents: Person[];
  last_seq: number;
  started_at: string;
  closed_at: string | null;
  close_reason: string | null;
}

export interface Offer {
  chat_id: string;
  offer: number;
  agent_id: string;
  state: string;
  made_at: string;
  expires_at: string | null;
  waiting_since: string;
  office_id: string;
  queue: { id: string; name: string };
  contact: Contact;
}

export type Author =
  | { kind: "visitor" }
  | { kind: "agent"; agent_id: string; name: string }
  | { kind: "system" };

export type Actor = { kind: "agent"; agent_id: string } | { kind: "visitor" } | { kind: "system" };

export interface Message {
  id: string;
  seq: number;
  author: Author;
  text: string;
  sent_at: string;
}

export interface Tokens {
  access_token: string;
  token_type: string;
  expires_in_s: number;
  refresh_token: string;
  agent: Agent;
}

export interface VisitorToken {
  visitor_id: string;
  token: string;
  expires_at: string;
}

export interface Availability {
  mode: Mode;
  valid_until: string | null;
  offices: { id: string; name: string; mode: Mode }[];
  poll_after_s: number;
}

export interface FormField {
  name: string;
  required: boolean;
}

export interface WidgetConfig {
  name: string;
  offices: { id: string; name: string }[];
  live: { fields: FormField[] };
  messenger: { text: string | null; fields: FormField[] };
}

export interface Greeting {
  rule_id: string;
  text: string;
}

export interface GreetingQuestion {
  url: string;
  time_on_page_s: number;
  visits: number;
  referrer?: string;
  language?: string;
}

export interface GreetingAnswer {
  greeting: Greeting | null;
  retry_after_s: number | null;
}

export interface Page<T> {
  data: T[];
  next_cursor: string | null;
}

export interface FieldError {
  pointer: string;
  code: string;
  detail: string;
}

export interface AgentSnapshot {
  me: Agent;
  presence: Presence;
  offices: { id: string; name: string }[];
  queues: { id: string; name: string; office_id: string }[];
  offers: Offer[];
  chats: Chat[];
}

export interface VisitorSnapshot {
  visitor_id: string;
  chats: VisitorChat[];
}

interface Durable {
  seq: number;
  at: string;
}

type InChat = Durable & { chat_id: string };

export type MessageEvent = InChat & { type: "chat.message"; message: Message };
export type ClosedEvent = InChat & { type: "chat.closed"; reason: string; by: Actor };
export type TypingEvent = {
  type: "chat.typing";
  at: string;
  chat_id: string;
  author: Author;
  typing: boolean;
};

export type AgentEvent =
  | (Durable & { type: "presence.changed"; presence: Presence })
  | (Durable & { type: "offer.made" } & Offer)
  | (InChat & {
      type: "offer.accepted" | "offer.rejected" | "offer.missed" | "offer.withdrawn";
      offer: number;
      agent_id: string;
      reason?: string | null;
    })
  | (InChat & { type: "chat.accepted"; chat: Chat; agent: Person })
  | MessageEvent
  | ClosedEvent
  | TypingEvent
  | (Durable & { type: "session.logged_out"; session_id: string });

export type VisitorEvent =
  | (InChat & { type: "chat.queued"; position: number | null; chat: VisitorChat })
  | (InChat & { type: "chat.accepted"; chat: VisitorChat; agent: Person })
  | MessageEvent
  | ClosedEvent
  | TypingEvent;
