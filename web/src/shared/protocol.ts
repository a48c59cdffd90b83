// The words of docs/protocol.md as types: what REST answers and what the sockets carry.
// Types only; nothing here runs. A field that the contract may leave `null` says so.

export type Status = "online" | "away" | "offline" | "invisible";
export type Mode = "live" | "messenger" | "hidden";
export type ChatState = "waiting" | "offered" | "active" | "wrap_up" | "closed" | "offline_message";

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
  /** What is known of it over all its chats; only in what was read over REST. */
  known?: { name: string | null; email: string | null };
}

export interface Person {
  id: string;
  name: string;
  /** What those in the chat see of it; not given for a chat of the past. */
  status?: Status;
}

/** What a contact is over all its chats. */
/** A chat as it is read by itself. */
export interface ChatWithRecord extends Chat {
  /** The contact's record in another system; a node of the release before has none. */
  external_url?: string | null;
}

export interface ContactProfile extends Contact {
  note: string | null;
  language: string | null;
  assigned_agent_ids: string[];
  created_at: string;
  version: number;
}

export interface Template {
  id: string;
  name: string;
  shortcut: string | null;
  text: string;
  office_ids: string[];
  sort_order: number;
}

export interface Tag {
  id: string;
  name: string;
  color: string;
}

export interface Disposition {
  id: string;
  name: string;
  sort_order: number;
}

/** A queue as its members and those who hand over need it. */
export interface QueueCard {
  id: string;
  name: string;
  office_id: string;
}

export interface Queue extends QueueCard {
  strategy: string;
  disposition_ids?: string[];
  disposition_required?: boolean;
  several_dispositions?: boolean;
}

/** An agent in the list of who is there. */
export interface PersonPresence {
  agent: { id: string; name: string; role: Role };
  presence: Presence;
  load: number;
  capacity: number;
}

export interface Chat extends ChatMarks {
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
  missed_targets: string[];
  /** How its visitor has rated it, from 1 to 5; a node that knows no marks does not tell. */
  score?: number | null;
  /** Everybody who is seen to take part: who answers, then who reads along and helps. */
  participants: Participant[];
  /** The search for somebody who comes into it. */
  hand_over: HandOverState | null;
  /** How far the visitor has got; a node of the release before does not tell. */
  visitor_mark?: ReadMark;
  /** How far the agents have got that have told so; a node of the release before does not tell. */
  agent_marks?: (ReadMark & { agent_id: string })[];
}

/** How far somebody has got in a chat, by the numbers of its messages. */
export interface ReadMark {
  read_seq: number;
  delivered_seq: number;
}

/** Why a chat came to whom it came. */
export interface ChatRouting {
  chat_id: string;
  entry: { at: string; queue_id: string | null; by: string | null; rule_id: string | null };
  overflows: { at: string; from_queue_id: string | null; to_queue_id: string | null }[];
  data: OfferDecision[];
  next_cursor: string | null;
}

/** An offer with the decision that made it. */
export interface OfferDecision {
  seq: number;
  at: string;
  offer: number;
  agent_id: string;
  state: string;
  ended_at: string | null;
  /** `null` for an offer of the time before decisions were kept. */
  decision: Decision | null;
}

/** What was known when a chat was offered. */
export interface Decision {
  purpose: string;
  queue_id: string | null;
  /** `null` when the chat looked for one agent by name. */
  strategy: string | null;
  last_asked_agent_id: string | null;
  place: {
    position: number;
    waiting: number;
    priority: number;
    ahead: boolean;
    waiting_since: string;
  } | null;
  kept_for: { reason: string; agent_ids: string[]; until: string | null } | null;
  round: number;
  candidates: Candidate[];
  tie_break: string | null;
  passed_over: (RuledOut & { agent_id: string })[];
  members: number;
  /** How many of them are in neither list. */
  left_out: number;
}

/** An agent that could have a chat. */
export interface Candidate {
  agent_id: string;
  late: boolean;
  rank: { missing_levels: number; busy: number; idle_since: string; load: number } | null;
}

/** A rule that keeps a chat from an agent, with what it saw. */
export interface RuledOut {
  rule: string;
  status?: string;
  reason?: string;
  until?: string;
  load?: number;
  capacity?: number;
  chats?: number;
  ceiling?: number;
  skill_id?: string;
  required?: number;
  has?: number;
  given?: number;
  allowed?: number;
  ends_at?: string;
  at?: string;
  for_agent_id?: string;
}

/** What agents say of a chat. */
export interface ChatMarks {
  important: boolean;
  tag_ids: string[];
  disposition_ids: string[];
  /** Fields of the tenant's own choice, beside what the contact's form said. */
  fields: Record<string, string>;
  priority: number;
}

/** An agent's work after a chat, in which it gets no new offer. */
export interface WrapUp {
  chat: Chat;
  since: string;
  until: string;
}

export interface Participant {
  id: string;
  name: string;
  role: "agent" | "assistant" | "listener";
}

/** Whom a chat looks for: one of the two is given. */
export interface SoughtTarget {
  agent_id?: string;
  queue_id?: string;
}

/** A chat that is offered to others while its agents go on. */
export interface HandOverState {
  purpose: string;
  to: SoughtTarget;
  by_agent_id: string;
  since: string;
}

/** A chat as its visitor sees it. `office_id` is unknown until the server has told it. */
export interface VisitorChat {
  id: string;
  state: ChatState;
  office_id: string | null;
  position: number | null;
  estimated_wait_s: number | null;
  /** How the visitor has rated it, from 1 to 5; not told by a node that takes no ratings. */
  score?: number | null;
  /** Whether there is an address to which an answer can go; a node of the release before does not tell. */
  has_email?: boolean;
  agents: Person[];
  last_seq: number;
  /** How far some agent has got; a node of the release before does not tell. */
  agents_mark?: ReadMark;
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
  /** What the one who accepts is to do: `answer`, `transfer`, `invite`, `assist`. */
  purpose: string;
  /** Who has handed it over, and what it says about it. */
  by: { id: string; name: string } | null;
  note: string | null;
  /** The contact's record in another system. */
  external_url?: string | null;
}

export type Author =
  { kind: "visitor" } | { kind: "agent"; agent_id: string; name: string } | { kind: "system" };

export type Actor = { kind: "agent"; agent_id: string } | { kind: "visitor" } | { kind: "system" };

/** A piece of a message as it is shown. */
export type Node =
  | { kind: "text"; text: string }
  | { kind: "italic" | "bold"; content: Node[] }
  | { kind: "link"; url: string; content: Node[] };

export interface Button {
  id: string;
  text: string;
  /** Where it leads; `null` for one that is pressed to answer. */
  url: string | null;
}

export interface ButtonRef {
  message_id: string;
  button_id: string;
}

/** A file as a message or an upload shows it. */
export interface FileCard {
  /** `null` for a file that is somewhere else. */
  id: string | null;
  /** Opens it without a token. */
  url: string;
  name: string;
  media_type: string | null;
  bytes: number | null;
  width: number | null;
  height: number | null;
  show: "image" | "inline" | "download";
}

export interface Message {
  id: string;
  seq: number;
  author: Author;
  /** As it was written; of a deleted message `null`. */
  text: string | null;
  content: Node[];
  buttons: Button[];
  /** The button whose press this is. */
  button: ButtonRef | null;
  file?: FileCard | null;
  /** What the service says, for programs; `text` says it in English. */
  notice: { reason: string } | null;
  sent_at: string;
  edited_at: string | null;
  deleted: boolean;
}

/** What agents tell each other in a chat. Nothing that a visitor gets has one. */
export interface Note {
  id: string;
  /** 1, 2, 3... within the chat, apart from the messages. */
  number: number;
  author: Author;
  text: string;
  content: Node[];
  sent_at: string;
}

/** A message of one of several chats. */
export interface Said {
  chat_id: string;
  message: Message;
}

/** What is new of a message whose author has changed it. */
export interface MessageChange {
  id: string;
  seq: number;
  text: string | null;
  content: Node[];
  edited_at: string;
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
  label?: string | null;
  kind?: "text" | "email" | "phone" | "choice" | "checkbox";
  choices?: string[];
  max_length?: number | null;
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
  queues: (QueueCard & { logged_in?: boolean })[];
  offers: Offer[];
  chats: Chat[];
  wrap_ups: WrapUp[];
}

export interface VisitorSnapshot {
  visitor_id: string;
  chats: VisitorChat[];
  /** Whether agents are shown what the visitor has not sent; a node of the release before does not say. */
  shows_unsent_text?: boolean;
}

interface Durable {
  seq: number;
  at: string;
}

type InChat = Durable & { chat_id: string };

export type MessageEvent = InChat & { type: "chat.message"; message: Message };
export type EditedEvent = InChat & { type: "chat.message_edited"; message: MessageChange };
export type DeletedEvent = InChat & {
  type: "chat.message_deleted";
  message: { id: string; seq: number };
};
export type ClosedEvent = InChat & { type: "chat.closed"; reason: string; by: Actor };
/** An agent's part in a chat has ended while the chat goes on. */
export type LeftEvent = InChat & {
  type: "chat.participant_left";
  agent: Person;
  role?: string;
  reason: string;
};
export type RatedEvent = InChat & { type: "chat.rated"; score: number };
export type IdleWarningEvent = InChat & { type: "chat.idle_warning"; closes_at: string | null };
export type TypingEvent = {
  type: "chat.typing";
  at: string;
  chat_id: string;
  author: Author;
  typing: boolean;
  /** What the visitor has written and not sent, if the tenant lets agents see it. */
  text?: string;
};

/** Where a waiting chat stands; without a number, since the next one replaces it. */
export type PlaceEvent = {
  type: "chat.place";
  at: string;
  chat_id: string;
  position: number;
  estimated_wait_s: number | null;
};

/** Somebody has got further; a visitor is not told which agent. */
export type ReadEvent = InChat &
  ReadMark & { type: "chat.read"; reader: { kind: "visitor" | "agent"; agent_id?: string } };

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
      /** Whether the chat rings at somebody from now on; a node of the release before does not say. */
      rings?: boolean;
      reason?: string | null;
    })
  | (InChat & {
      type: "chat.ringing";
      rings: boolean;
      offer: number;
      agent_id: string;
      state: string;
    })
  | (InChat & { type: "chat.accepted"; chat: Chat; agent: Person | null })
  | (InChat & { type: "chat.note"; note: Note })
  | (InChat & { type: "chat.updated"; by: Actor } & ChatMarks)
  | (InChat & { type: "chat.wrap_up_started" } & WrapUp)
  | (InChat & { type: "chat.wrap_up_ended"; agent_id: string })
  | (InChat & { type: "chat.reopened"; chat: Chat })
  | (InChat & { type: "chat.target_missed"; target: string })
  | (InChat & { type: "chat.reminder" })
  | (InChat & {
      type: "chat.transfer_requested" | "chat.invite_requested" | "chat.assist_requested";
      by: Person;
      /** `null` asks whoever leads the office. */
      to: SoughtTarget | null;
      note: string | null;
    })
  | (InChat & { type: "chat.hand_over_ended"; purpose: string; reason: string })
  | (InChat & { type: "chat.transferred"; agent: Person | null; chat: Chat })
  | (InChat & { type: "chat.participant_joined"; agent_id: string; role: string; chat: Chat })
  | LeftEvent
  | (InChat & { type: "chat.requeued"; reason: string; chat: Chat })
  | (InChat & { type: "chat.overflowed"; from_queue_id: string | null; chat: Chat })
  | IdleWarningEvent
  | RatedEvent
  | AgentSeenEvent
  | ReadEvent
  | MessageEvent
  | EditedEvent
  | DeletedEvent
  | ClosedEvent
  | TypingEvent
  | (Durable & { type: "queue.login_changed"; queue_id: string; logged_in: boolean; by: Actor })
  | (Durable & { type: "queue.updated"; queue_id: string; is_full: boolean; waiting: number })
  | (Durable & { type: "session.logged_out"; session_id: string });

export type VisitorEvent =
  | (InChat & { type: "chat.deferred"; reason: string; chat: VisitorChat })
  | (InChat & { type: "chat.transferred"; agent: Person | null; chat: VisitorChat })
  | (InChat & { type: "chat.participant_joined"; agent_id: string; chat: VisitorChat })
  | LeftEvent
  | (InChat & { type: "chat.requeued"; reason: string; chat: VisitorChat })
  | (InChat & { type: "chat.reopened"; chat: VisitorChat })
  | IdleWarningEvent
  | RatedEvent
  | (InChat & { type: "chat.queued"; position: number | null; chat: VisitorChat })
  | PlaceEvent
  | (InChat & { type: "chat.accepted"; chat: VisitorChat; agent: Person | null })
  | AgentSeenEvent
  | ReadEvent
  | MessageEvent
  | EditedEvent
  | DeletedEvent
  | ClosedEvent
  | TypingEvent;
