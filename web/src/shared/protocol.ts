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

export type Role = "agent" | "supervisor" | "admin" | "owner";
export type PresenceReason =
  | "initial"
  | "chosen"
  | "override"
  | "logged_out"
  | "schedule"
  | "drained"
  | "leased"
  | "inactivity"
  | "resumed"
  | "disconnected"
  | "reconnected"
  | "lease_expired"
  | "paused"
  | "draining"
  | "status_forbids_chats"
  | "no_seat";

export interface Agent {
  id: string;
  name: string;
  email: string;
  role: Role;
  capacity: number;
  created_at: string;
}

/** What an agent is, why, since when, and who made it so. */
export interface Effective {
  effective: Status;
  reason: PresenceReason;
  since: string;
  by: Actor;
}

/** A status that was set, and by whom. */
export interface Chosen {
  status: Status;
  status_id: string | null;
  set_at: string;
  set_by: Actor;
}

export interface OfficePresence extends Effective {
  office_id: string;
  override: Chosen | null;
}

export interface Pausing {
  pause_id: string;
  paid: boolean;
  since: string;
  set_by: Actor;
  /** When it ends by itself or is marked, if that is still to come. */
  due_at: string | null;
  overdue: boolean;
}

export interface Presence extends Effective {
  agent_id: string;
  /** What was chosen for all offices; of a custom status its base. */
  status: Status;
  status_id: string | null;
  status_set_at: string;
  status_set_by: Actor;
  offices: OfficePresence[];
  pause: Pausing | null;
  /** What it will be when its last chat has ended. */
  wanted: Chosen | null;
  seated: boolean;
  leased: boolean;
  paid: boolean;
  over_limit_since: string | null;
}

/** What is asked for: one of the four, or one that the tenant has added. */
export type NewStatus = { status: Status } | { status_id: string };

export interface CustomStatus {
  id: string;
  name: string;
  base: Status;
  handles_chats: boolean;
  paid: boolean;
  color: string;
  sort_order: number;
  longest_a_day_s: number | null;
}

export interface Pause {
  id: string;
  name: string;
  paid: boolean;
  longest_s: number | null;
  on_overrun: "end" | "flag";
  sort_order: number;
}

export interface OfficeCard {
  id: string;
  name: string;
  mode: Mode;
}

/** What visitors see of an office from a moment on. */
export interface OfficeShown {
  office_id: string;
  mode: Mode;
  reason: string;
  since: string;
}

/** A line of "who is online". What is not there is as usual. */
export interface WatchedAgent {
  id: string;
  /** These three come in the first list, and when they may be new. */
  name?: string;
  role?: Role;
  capacity?: number;
  status: Status;
  status_id?: string;
  effective: Status;
  reason: PresenceReason;
  since: string;
  load: number;
  pause_id?: string;
  /** The offices in which it is something else. */
  offices?: { office_id: string; effective: Status; reason: PresenceReason; since: string }[];
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
  /** What those in the chat see of it; not given for a chat of the past. */
  status?: Status;
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

export interface PublicAgent {
  name: string;
  picture_url: string | null;
}

export interface OfficeMode extends OfficeCard {
  valid_until: string | null;
  /** When its hours next begin, while it is out of them. */
  opens_at: string | null;
  /** Who is online; only if the tenant shows them. */
  agents?: PublicAgent[];
  /** How many chats wait; only if the tenant shows it. */
  waiting?: number;
}

export interface Availability {
  mode: Mode;
  valid_until: string | null;
  offices: OfficeMode[];
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
  offices: OfficeCard[];
  statuses: CustomStatus[];
  pauses: Pause[];
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

export type AgentSeenEvent = InChat & { type: "chat.agent_seen"; agent: Person };
/** Passing: who has missed one watches anew. */
export type WatchedEvent = {
  type: "presence.watched";
  at: string;
  agents: WatchedAgent[];
  gone?: string[];
};

export type AgentEvent =
  | (Durable & { type: "presence.changed"; presence: Presence })
  | (Durable & { type: "availability.changed"; office: OfficeShown })
  | WatchedEvent
  | (Durable & { type: "offer.made" } & Offer)
  | (InChat & {
      type: "offer.accepted" | "offer.rejected" | "offer.missed" | "offer.withdrawn";
      offer: number;
      agent_id: string;
      reason?: string | null;
    })
  | (InChat & { type: "chat.accepted"; chat: Chat; agent: Person | null })
  | AgentSeenEvent
  | MessageEvent
  | ClosedEvent
  | TypingEvent
  | (Durable & { type: "session.logged_out"; session_id: string });

export type VisitorEvent =
  | (InChat & { type: "chat.queued"; position: number | null; chat: VisitorChat })
  | (InChat & { type: "chat.accepted"; chat: VisitorChat; agent: Person | null })
  | AgentSeenEvent
  | MessageEvent
  | ClosedEvent
  | TypingEvent;
