// What the agent page knows of the server: the snapshot, changed by events. Pure. An event makes of
// it what a fresh snapshot would hold; the conversations and the ended chats are the page's own.

import { EMPTY, withEvent, withEvents, withMessage, withNote } from "../shared/conversation";
import type { Conversation } from "../shared/conversation";
import type {
  AgentEvent,
  AgentSnapshot,
  Author,
  Chat,
  ChatWithRecord,
  Contact,
  Message,
  Note,
  Offer,
  WrapUp,
} from "../shared/protocol";
import { seenAs } from "../shared/people";
import { HEARD_FOR_MS, isSame } from "../shared/typing";
import { wholeChat } from "../shared/whole";

export interface Typing {
  author: Author;
  until: number;
  /** What the visitor has not sent yet, if agents may see it. */
  text: string;
}

export interface AgentState extends AgentSnapshot {
  conversations: Readonly<Record<string, Conversation>>;
  /** Chats whose history has been read since the snapshot. */
  loaded: ReadonlySet<string>;
  typing: Readonly<Record<string, Typing>>;
  /** Chats that left while this page watched, newest first, until they are put away. */
  ended: readonly Chat[];
  /** Chats whose visitor has waited for an answer too long. */
  reminded: ReadonlySet<string>;
  /** Chats that are looked at without taking part, as they were read. */
  looked: Readonly<Record<string, Chat>>;
  /** What agents call contacts, as far as it was read: a chat tells what its visitor gave. */
  contacts: Readonly<Record<string, Pick<Contact, "name" | "email">>>;
}

// Enough to look back at the last conversations; the rest is in the lists of the server.
const ENDED_MAX = 10;

/** Replaces the state. Chats that closed while the page was away stay visible as ended. */
export function fromSnapshot(told: AgentSnapshot, before: AgentState | null): AgentState {
  // A node of the release before knows no work after a chat.
  const wrap_ups = (told.wrap_ups ?? []).map((work) => ({ ...work, chat: wholeChat(work.chat) }));
  const snapshot = { ...told, chats: told.chats.map(wholeChat), wrap_ups };
  const at_work = [...snapshot.chats, ...wrap_ups.map(({ chat }) => chat)];
  const open = new Set(at_work.map((chat) => chat.id));
  const vanished = (before?.chats ?? []).filter((chat) => !open.has(chat.id)).map(asEnded);
  const ended = [...vanished, ...(before?.ended ?? [])].filter((chat) => !open.has(chat.id));
  return {
    ...snapshot,
    conversations: {},
    loaded: new Set(),
    typing: {},
    ended: ended.slice(0, ENDED_MAX),
    reminded: new Set(),
    looked: before?.looked ?? {},
    contacts: before?.contacts ?? {},
  };
}

/** Returns a chat that the page knows: an open one of one's own, one that ended, or one looked at. */
export function chatOf(state: AgentState, chat_id: string | null): Chat | undefined {
  const is = (chat: Chat): boolean => chat.id === chat_id;
  return (
    state.chats.find(is) ??
    state.wrap_ups.find(({ chat }) => is(chat))?.chat ??
    state.ended.find(is) ??
    (chat_id === null ? undefined : state.looked[chat_id])
  );
}

export function withContact(state: AgentState, { id, name, email }: Contact): AgentState {
  const forget = ({ known: _known, ...contact }: Contact): Contact => contact;
  // What was read of it before is out of date.
  const looked = Object.entries(state.looked).map(([chat_id, chat]) => [
    chat_id,
    chat.contact.id === id ? { ...chat, contact: forget(chat.contact) } : chat,
  ]);
  return {
    ...state,
    contacts: { ...state.contacts, [id]: { name, email } },
    looked: Object.fromEntries(looked) as AgentState["looked"],
  };
}

/** Takes what only REST tells of a chat that rings at the agent or is its own. */
export function withRead(state: AgentState, chat: Chat | ChatWithRecord): AgentState {
  const external_url = "external_url" in chat ? chat.external_url : null;
  const { id, known: read } = chat.contact;
  const contacts = read === undefined ? state.contacts : { ...state.contacts, [id]: read };
  const offers = state.offers.map((offer) =>
    offer.chat_id === chat.id && external_url != null ? { ...offer, external_url } : offer,
  );
  return { ...state, contacts, offers };
}

/** Returns a contact as agents know it: what they have given counts before what its visitor gave. */
export function known(state: AgentState, contact: Contact): Contact {
  const given = contact.known ?? state.contacts[contact.id];
  if (given === undefined) return contact;
  return { ...contact, name: given.name ?? contact.name, email: given.email ?? contact.email };
}

/** Whether the agent takes part in a chat. */
export function takesPart(state: AgentState, chat_id: string): boolean {
  return state.chats.some(({ id }) => id === chat_id);
}

/** Enters a chat that was read; where it takes part, events have told more since. */
export function withLooked(state: AgentState, chat: Chat): AgentState {
  if (takesPart(state, chat.id)) return state;
  const whole = wholeChat(chat);
  const is_over = chat.state === "closed" || chat.state === "wrap_up";
  // What went on elsewhere is not kept as one that ended here.
  const ended = is_over
    ? state.ended.map((kept) => (kept.id === chat.id ? whole : kept))
    : state.ended.filter((kept) => kept.id !== chat.id);
  return { ...state, ended, looked: { ...state.looked, [chat.id]: whole } };
}

/** Enters what an answer or an event says of a chat, wherever it is. */
export function withChat(state: AgentState, chat: Chat): AgentState {
  const whole = wholeChat(chat);
  return altered(state, chat.id, () => whole);
}

function altered(state: AgentState, chat_id: string, change: (chat: Chat) => Chat): AgentState {
  const one = (chat: Chat): Chat => (chat.id === chat_id ? change(chat) : chat);
  const looked = state.looked[chat_id];
  return {
    ...state,
    chats: state.chats.map(one),
    wrap_ups: state.wrap_ups.map((work) => ({ ...work, chat: one(work.chat) })),
    ended: state.ended.map(one),
    looked: looked === undefined ? state.looked : { ...state.looked, [chat_id]: change(looked) },
  };
}

function asEnded(chat: Chat): Chat {
  return { ...chat, state: "closed" };
}

export function apply(state: AgentState, event: AgentEvent, now_ms: number): AgentState {
  switch (event.type) {
    case "presence.changed":
      return { ...state, presence: event.presence };
    case "availability.changed": {
      const { office_id, mode } = event.office;
      // An office that is newer than the snapshot is in the next one.
      const offices = state.offices.map((office) =>
        office.id === office_id ? { ...office, mode } : office,
      );
      return { ...state, offices };
    }
    case "queue.login_changed": {
      const { queue_id, logged_in } = event;
      const queues = state.queues.map((queue) =>
        queue.id === queue_id ? { ...queue, logged_in } : queue,
      );
      return { ...state, queues };
    }
    case "offer.made":
      return {
        ...rung(state, event.chat_id, true),
        offers: [...withoutOffer(state, event.chat_id), offerOf(event)],
      };
    case "chat.ringing":
      return rung(state, event.chat_id, event.rings);
    case "offer.accepted":
    case "offer.rejected":
    case "offer.missed":
    case "offer.withdrawn": {
      const offers = state.offers.filter(
        (offer) => offer.chat_id !== event.chat_id || offer.offer > event.offer,
      );
      return { ...rung(state, event.chat_id, event.rings), offers };
    }
    case "chat.accepted": {
      const offers = withoutOffer(state, event.chat_id);
      return shown({ ...entered(state, event.chat), offers }, event.chat_id, event);
    }
    case "chat.reopened":
      return shown(entered(state, event.chat), event.chat_id, event);
    case "chat.transferred":
    case "chat.requeued":
    case "chat.overflowed":
      return shown(rehanded(state, event.chat), event.chat_id, event);
    case "chat.participant_joined": {
      const own = event.agent_id === state.me.id;
      const offers = own ? withoutOffer(state, event.chat_id) : state.offers;
      const chat = wholeChat(event.chat);
      const changed = own ? entered(state, chat) : withChat(state, chat);
      return shown({ ...changed, offers }, event.chat_id, event);
    }
    case "chat.participant_left": {
      const { id } = event.agent;
      const without = (chat: Chat): Chat => ({
        ...chat,
        agents: chat.agents.filter((agent) => agent.id !== id),
        participants: chat.participants.filter((agent) => agent.id !== id),
      });
      const changed = altered(state, event.chat_id, without);
      const left = id === state.me.id ? departed(changed, event.chat_id) : changed;
      return shown(left, event.chat_id, event);
    }
    case "chat.transfer_requested":
    case "chat.invite_requested":
    case "chat.assist_requested": {
      const { to, by, at } = event;
      // Whoever leads the office is asked without the chat looking for somebody.
      if (to === null) return state;
      const purpose = event.type.slice("chat.".length, -"_requested".length);
      const hand_over = { purpose, to, by_agent_id: by.id, since: at };
      return altered(state, event.chat_id, (chat) => ({ ...chat, hand_over }));
    }
    case "chat.hand_over_ended":
      return altered(state, event.chat_id, (chat) => ({ ...chat, hand_over: null }));
    case "chat.updated": {
      const { important, tag_ids, disposition_ids, fields, priority } = event;
      const marks = { important, tag_ids, disposition_ids, fields, priority };
      return altered(state, event.chat_id, (chat) => ({ ...chat, ...marks }));
    }
    case "chat.target_missed":
      return altered(state, event.chat_id, (chat) => ({
        ...chat,
        missed_targets: [...new Set([...chat.missed_targets, event.target])],
      }));
    case "chat.rated":
      return altered(state, event.chat_id, (chat) => ({ ...chat, score: event.score }));
    case "chat.reminder":
      return { ...state, reminded: new Set([...state.reminded, event.chat_id]) };
    case "chat.wrap_up_started": {
      const { since, until } = event;
      const chat = wholeChat(event.chat);
      const wrap_ups = [...withoutWork(state, chat.id), { chat, since, until }];
      const chats = state.chats.filter((open) => open.id !== chat.id);
      const ended = state.ended.filter((over) => over.id !== chat.id);
      return { ...state, wrap_ups, chats, ended };
    }
    case "chat.wrap_up_ended": {
      if (event.agent_id !== state.me.id) return state;
      const done = state.wrap_ups.find(({ chat }) => chat.id === event.chat_id);
      if (done === undefined) return state;
      const wrap_ups = withoutWork(state, event.chat_id);
      const ended = [asEnded(done.chat), ...state.ended].slice(0, ENDED_MAX);
      return { ...state, wrap_ups, ended };
    }
    case "chat.agent_seen":
      return { ...state, chats: state.chats.map((chat) => seenAs(chat, event)) };
    case "chat.message": {
      const { seq } = event.message;
      const chats = state.chats.map((chat) =>
        chat.id === event.chat_id ? { ...chat, last_seq: Math.max(chat.last_seq, seq) } : chat,
      );
      const reminded =
        event.message.author.kind === "agent" ? calm(state, event.chat_id) : state.reminded;
      const heard = stopped(state, event.chat_id, event.message.author);
      return shown({ ...heard, chats, reminded }, event.chat_id, event);
    }
    case "chat.message_edited":
    case "chat.message_deleted":
    case "chat.note":
      return shown(state, event.chat_id, event);
    case "chat.read": {
      // What colleagues have read is shown nowhere.
      if (event.reader.kind !== "visitor") return state;
      const { read_seq, delivered_seq } = event;
      const visitor_mark = { read_seq, delivered_seq };
      return altered(state, event.chat_id, (chat) => ({ ...chat, visitor_mark }));
    }
    case "chat.typing": {
      const { author, text = "" } = event;
      if (!event.typing) return stopped(state, event.chat_id, author);
      const other = state.typing[event.chat_id];
      const visitor_types = other?.author.kind === "visitor" && other.until > now_ms;
      // What the visitor writes is of more use than who else does.
      if (visitor_types && author.kind !== "visitor") return state;
      const typing = { author, text, until: now_ms + HEARD_FOR_MS };
      return { ...state, typing: { ...state.typing, [event.chat_id]: typing } };
    }
    case "chat.closed": {
      const chat = state.chats.find((open) => open.id === event.chat_id);
      if (chat === undefined) return state;
      const closed: Chat = {
        ...chat,
        state: "closed",
        closed_at: event.at,
        close_reason: event.reason,
      };
      const chats = state.chats.filter((open) => open.id !== event.chat_id);
      const ended = [closed, ...state.ended].slice(0, ENDED_MAX);
      const reminded = calm(state, chat.id);
      return shown({ ...quiet(state, chat.id), chats, ended, reminded }, chat.id, event);
    }
    default:
      // `session.logged_out` is followed by the close of the socket, `presence.watched` is for the
      // list of who is online; unknown events are newer than this page.
      return state;
  }
}

/** Merges an answered message, which may come before or after its event. */
export function withAnswer(state: AgentState, chat_id: string, message: Message): AgentState {
  const conversation = withMessage(state.conversations[chat_id] ?? EMPTY, message);
  return { ...state, conversations: { ...state.conversations, [chat_id]: conversation } };
}

export function withNoteAnswer(state: AgentState, chat_id: string, note: Note): AgentState {
  const conversation = withNote(state.conversations[chat_id] ?? EMPTY, note);
  return { ...state, conversations: { ...state.conversations, [chat_id]: conversation } };
}

/** Merges a chat's history with what has come since. */
export function withHistory(
  state: AgentState,
  chat_id: string,
  events: readonly AgentEvent[],
): AgentState {
  const conversation = withEvents(state.conversations[chat_id] ?? EMPTY, events);
  return {
    ...state,
    conversations: { ...state.conversations, [chat_id]: conversation },
    loaded: new Set([...state.loaded, chat_id]),
  };
}

export function withoutEnded(state: AgentState, chat_id: string): AgentState {
  return { ...state, ended: state.ended.filter((chat) => chat.id !== chat_id) };
}

/** A chat that the agent reads along while it waits rings at somebody, or does not any more. */
function rung(state: AgentState, chat_id: string, rings: boolean | undefined): AgentState {
  const waits = ({ id, state: word }: Chat): boolean =>
    id === chat_id && (word === "waiting" || word === "offered");
  if (rings === undefined || !state.chats.some(waits)) return state;
  const word = rings ? "offered" : "waiting";
  return altered(state, chat_id, (chat) => (waits(chat) ? { ...chat, state: word } : chat));
}

/** The chat is one of the agent's own from now on. */
function entered(state: AgentState, told: Chat): AgentState {
  const chat = wholeChat(told);
  const others = (list: readonly Chat[]): Chat[] => list.filter(({ id }) => id !== chat.id);
  const { [chat.id]: _own, ...looked } = state.looked;
  return {
    ...state,
    chats: [chat, ...others(state.chats)],
    wrap_ups: withoutWork(state, chat.id),
    ended: others(state.ended),
    looked,
    // What was read of a chat before its events came may have a gap at its end.
    loaded: new Set([...state.loaded].filter((id) => id !== chat.id)),
  };
}

/** The chat is with others than before; the agent may be one of them, or one no longer. */
function rehanded(state: AgentState, told: Chat): AgentState {
  const chat = wholeChat(told);
  const has = (agents: readonly { id: string }[]): boolean =>
    agents.some(({ id }) => id === state.me.id);
  const known = state.chats.find(({ id }) => id === chat.id);
  if (has(chat.participants) || has(chat.agents)) {
    if (known !== undefined) return withChat(state, chat);
    return { ...entered(state, chat), offers: withoutOffer(state, chat.id) };
  }
  const changed = withChat(state, chat);
  // Who was seen in it and is not any more has left; who listened goes on listening.
  const left = known !== undefined && (has(known.agents) || has(known.participants));
  return left ? departed(changed, chat.id) : changed;
}

/** The agent's own part has ended: the chat goes on without it, and can still be looked at. */
function departed(state: AgentState, chat_id: string): AgentState {
  const chat = state.chats.find(({ id }) => id === chat_id);
  if (chat === undefined) return state;
  return {
    ...quiet(state, chat_id),
    chats: state.chats.filter(({ id }) => id !== chat_id),
    reminded: calm(state, chat_id),
    looked: { ...state.looked, [chat_id]: chat },
  };
}

function withoutWork(state: AgentState, chat_id: string): WrapUp[] {
  return state.wrap_ups.filter(({ chat }) => chat.id !== chat_id);
}

/** The chats that still ask for an answer when one has come. */
export function calm(state: AgentState, chat_id: string): ReadonlySet<string> {
  if (!state.reminded.has(chat_id)) return state.reminded;
  return new Set([...state.reminded].filter((id) => id !== chat_id));
}

function shown(state: AgentState, chat_id: string, event: AgentEvent): AgentState {
  const conversation = withEvent(state.conversations[chat_id] ?? EMPTY, event);
  return { ...state, conversations: { ...state.conversations, [chat_id]: conversation } };
}

/** Somebody has stopped typing; who else types goes on. */
function stopped(state: AgentState, chat_id: string, author: Author): AgentState {
  const typing = state.typing[chat_id];
  return typing !== undefined && isSame(typing.author, author) ? quiet(state, chat_id) : state;
}

function quiet(state: AgentState, chat_id: string): AgentState {
  const { [chat_id]: _gone, ...typing } = state.typing;
  return { ...state, typing };
}

function withoutOffer(state: AgentState, chat_id: string): Offer[] {
  return state.offers.filter((offer) => offer.chat_id !== chat_id);
}

/** Returns the Offer in an `offer.made`, without the members of the event. */
function offerOf(event: AgentEvent & { type: "offer.made" }): Offer {
  const { type: _type, seq: _seq, at: _at, ...offer } = event;
  return offer;
}
