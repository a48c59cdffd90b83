// What the agent page knows of the server: the snapshot, changed by events. Pure. An event makes of
// it what a fresh snapshot would hold; the conversations and the ended chats are the page's own.

import { EMPTY, withEvent, withEvents, withMessage } from "../shared/conversation";
import type { Conversation } from "../shared/conversation";
import type {
  AgentEvent,
  AgentSnapshot,
  Author,
  Chat,
  Message,
  Offer,
} from "../shared/protocol";
import { seenAs } from "../shared/people";
import { HEARD_FOR_MS } from "../shared/typing";

export interface Typing {
  author: Author;
  until: number;
}

export interface AgentState extends AgentSnapshot {
  conversations: Readonly<Record<string, Conversation>>;
  /** Chats whose history has been read since the snapshot. */
  loaded: ReadonlySet<string>;
  typing: Readonly<Record<string, Typing>>;
  /** Chats that left while this page watched, newest first, until they are put away. */
  ended: readonly Chat[];
}

// Enough to look back at the last conversations; the rest is in the lists of the server.
const ENDED_MAX = 10;

/** Replaces the state. Chats that closed while the page was away stay visible as ended. */
export function fromSnapshot(snapshot: AgentSnapshot, before: AgentState | null): AgentState {
  const open = new Set(snapshot.chats.map((chat) => chat.id));
  const vanished = (before?.chats ?? []).filter((chat) => !open.has(chat.id)).map(asEnded);
  const ended = [...vanished, ...(before?.ended ?? [])].filter((chat) => !open.has(chat.id));
  return {
    ...snapshot,
    conversations: {},
    loaded: new Set(),
    typing: {},
    ended: ended.slice(0, ENDED_MAX),
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
    case "offer.made":
      return { ...state, offers: [...withoutOffer(state, event.chat_id), offerOf(event)] };
    case "offer.accepted":
    case "offer.rejected":
    case "offer.missed":
    case "offer.withdrawn": {
      const offers = state.offers.filter(
        (offer) => offer.chat_id !== event.chat_id || offer.offer > event.offer,
      );
      return { ...state, offers };
    }
    case "chat.accepted": {
      const others = state.chats.filter((chat) => chat.id !== event.chat_id);
      const chats = [event.chat, ...others];
      const ended = state.ended.filter((chat) => chat.id !== event.chat_id);
      const offers = withoutOffer(state, event.chat_id);
      return shown({ ...state, chats, ended, offers }, event.chat_id, event);
    }
    case "chat.agent_seen":
      return { ...state, chats: state.chats.map((chat) => seenAs(chat, event)) };
    case "chat.message": {
      const { seq } = event.message;
      const chats = state.chats.map((chat) =>
        chat.id === event.chat_id ? { ...chat, last_seq: Math.max(chat.last_seq, seq) } : chat,
      );
      return shown({ ...quiet(state, event.chat_id), chats }, event.chat_id, event);
    }
    case "chat.typing": {
      if (!event.typing) return quiet(state, event.chat_id);
      const typing = { author: event.author, until: now_ms + HEARD_FOR_MS };
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
      return shown({ ...quiet(state, chat.id), chats, ended }, chat.id, event);
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

function shown(state: AgentState, chat_id: string, event: AgentEvent): AgentState {
  const conversation = withEvent(state.conversations[chat_id] ?? EMPTY, event);
  return { ...state, conversations: { ...state.conversations, [chat_id]: conversation } };
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
