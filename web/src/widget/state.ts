// What the widget knows of its visitor's chats: the snapshot, changed by events. Pure. The last chat
// stays after its end, so that the visitor can still read it.

import { EMPTY, withEvent, withEvents, withMessage } from "../shared/conversation";
import type { Conversation } from "../shared/conversation";
import type {
  Author,
  Message,
  VisitorChat,
  VisitorEvent,
  VisitorSnapshot,
} from "../shared/protocol";
import { seenAs } from "../shared/people";
import { HEARD_FOR_MS, isSame } from "../shared/typing";

export interface VisitorState {
  chats: readonly VisitorChat[];
  ended: VisitorChat | null;
  conversations: Readonly<Record<string, Conversation>>;
  loaded: ReadonlySet<string>;
  typing: Readonly<Record<string, { author: Author; until: number }>>;
  /** When a chat closes unless its visitor says something. */
  closes_at: Readonly<Record<string, string>>;
}

export const NO_CHATS: VisitorState = {
  chats: [],
  ended: null,
  conversations: {},
  loaded: new Set(),
  typing: {},
  closes_at: {},
};

/** Replaces the state; an ended chat in view stays in view. */
export function fromSnapshot(snapshot: VisitorSnapshot, before: VisitorState): VisitorState {
  const { ended, conversations } = before;
  if (ended === null || snapshot.chats.length > 0) return { ...NO_CHATS, chats: snapshot.chats };
  const conversation = conversations[ended.id] ?? EMPTY;
  return {
    ...NO_CHATS,
    ended,
    conversations: { [ended.id]: conversation },
    loaded: new Set(before.loaded.has(ended.id) ? [ended.id] : []),
  };
}

/** Returns the chat to show: the newest open one, or the one that ended. */
export function currentChat(state: VisitorState): VisitorChat | null {
  const newest = [...state.chats].sort((a, b) => b.started_at.localeCompare(a.started_at))[0];
  return newest ?? state.ended;
}

/** Whether a chat is over for its visitor, or waits for an answer by email. */
export function isOver(chat: VisitorChat): boolean {
  return chat.state === "closed" || chat.state === "offline_message";
}

export function apply(state: VisitorState, event: VisitorEvent, now_ms: number): VisitorState {
  switch (event.type) {
    case "chat.queued": {
      return { ...state, chats: replaced(state, event.chat) };
    }
    case "chat.accepted": {
      const chats = replaced(state, event.chat);
      return shown({ ...state, chats }, event.chat_id, event);
    }
    case "chat.reopened": {
      const loaded = new Set([...state.loaded].filter((id) => id !== event.chat_id));
      const ended = state.ended?.id === event.chat_id ? null : state.ended;
      const open = { ...state, chats: replaced(state, event.chat), ended, loaded };
      return shown(open, event.chat_id, event);
    }
    case "chat.transferred":
    case "chat.requeued": {
      const chats = replaced(state, event.chat);
      return shown({ ...unwarned(state, event.chat_id), chats }, event.chat_id, event);
    }
    case "chat.participant_joined":
      return shown({ ...state, chats: replaced(state, event.chat) }, event.chat_id, event);
    case "chat.participant_left": {
      const { id } = event.agent;
      const chats = state.chats.map((chat) =>
        chat.id === event.chat_id
          ? { ...chat, agents: chat.agents.filter((agent) => agent.id !== id) }
          : chat,
      );
      return shown({ ...state, chats }, event.chat_id, event);
    }
    case "chat.place": {
      const { chat_id, position, estimated_wait_s } = event;
      const chats = state.chats.map((chat) =>
        chat.id === chat_id && chat.state === "waiting"
          ? { ...chat, position, estimated_wait_s }
          : chat,
      );
      return { ...state, chats };
    }
    case "chat.deferred": {
      const chats = state.chats.filter((open) => open.id !== event.chat_id);
      const over = unwarned(quiet(state, event.chat_id), event.chat_id);
      return { ...over, chats, ended: event.chat };
    }
    case "chat.idle_warning": {
      if (event.closes_at === null) return unwarned(state, event.chat_id);
      return { ...state, closes_at: { ...state.closes_at, [event.chat_id]: event.closes_at } };
    }
    case "chat.rated": {
      const rated = (chat: VisitorChat): VisitorChat =>
        chat.id === event.chat_id ? { ...chat, score: event.score } : chat;
      const ended = state.ended === null ? null : rated(state.ended);
      return { ...state, chats: state.chats.map(rated), ended };
    }
    case "chat.agent_seen":
      return { ...state, chats: state.chats.map((chat) => seenAs(chat, event)) };
    case "chat.message": {
      const chats = state.chats.map((chat) =>
        chat.id === event.chat_id
          ? { ...chat, last_seq: Math.max(chat.last_seq, event.message.seq) }
          : chat,
      );
      const { author, notice } = event.message;
      const heard = stopped(state, event.chat_id, author);
      // What the service says of the silence does not end it.
      const silent = notice?.reason === "idle_warning";
      const goes_on = silent ? heard : unwarned(heard, event.chat_id);
      return shown({ ...goes_on, chats }, event.chat_id, event);
    }
    case "chat.message_edited":
    case "chat.message_deleted":
      return shown(state, event.chat_id, event);
    case "chat.read": {
      // Its own marks come from its other windows.
      if (event.reader.kind !== "agent") return state;
      const { read_seq, delivered_seq } = event;
      const agents_mark = { read_seq, delivered_seq };
      const chats = state.chats.map((chat) =>
        chat.id === event.chat_id ? { ...chat, agents_mark } : chat,
      );
      return { ...state, chats };
    }
    case "chat.typing": {
      if (!event.typing) return stopped(state, event.chat_id, event.author);
      const typing = { author: event.author, until: now_ms + HEARD_FOR_MS };
      return { ...state, typing: { ...state.typing, [event.chat_id]: typing } };
    }
    case "chat.closed": {
      const chat = state.chats.find((open) => open.id === event.chat_id);
      if (chat === undefined) return state;
      const chats = state.chats.filter((open) => open.id !== event.chat_id);
      const ended: VisitorChat = {
        ...chat,
        state: "closed",
        position: null,
        closed_at: event.at,
        close_reason: event.reason,
      };
      const over = unwarned(quiet(state, chat.id), chat.id);
      return shown({ ...over, chats, ended }, chat.id, event);
    }
    default:
      // An event newer than this page.
      return state;
  }
}

/** Enters a chat that an answer told of. What an event has told since is newer. */
export function withChat(state: VisitorState, chat: VisitorChat): VisitorState {
  const known = state.chats.find((open) => open.id === chat.id);
  if (known?.state === "active" || state.ended?.id === chat.id) return state;
  return { ...state, chats: replaced(state, chat) };
}

export function withEnded(state: VisitorState, ended: VisitorChat | null): VisitorState {
  return { ...state, ended };
}

export function withAnswer(state: VisitorState, chat_id: string, message: Message): VisitorState {
  return converse(state, chat_id, withMessage(state.conversations[chat_id] ?? EMPTY, message));
}

export function withHistory(
  state: VisitorState,
  chat_id: string,
  events: readonly VisitorEvent[],
): VisitorState {
  const conversation = withEvents(state.conversations[chat_id] ?? EMPTY, events);
  const loaded = new Set([...state.loaded, chat_id]);
  return { ...converse(state, chat_id, conversation), loaded };
}

function replaced(state: VisitorState, chat: VisitorChat): VisitorChat[] {
  return [chat, ...state.chats.filter((open) => open.id !== chat.id)];
}

function shown(state: VisitorState, chat_id: string, event: VisitorEvent): VisitorState {
  return converse(state, chat_id, withEvent(state.conversations[chat_id] ?? EMPTY, event));
}

function converse(state: VisitorState, chat_id: string, conversation: Conversation): VisitorState {
  return { ...state, conversations: { ...state.conversations, [chat_id]: conversation } };
}

/** Nobody is warned any more that the chat ends: something was said, or it goes another way. */
export function unwarned(state: VisitorState, chat_id: string): VisitorState {
  const { [chat_id]: _over, ...closes_at } = state.closes_at;
  return { ...state, closes_at };
}

/** Somebody has stopped typing; who else types goes on. */
function stopped(state: VisitorState, chat_id: string, author: Author): VisitorState {
  const typing = state.typing[chat_id];
  return typing !== undefined && isSame(typing.author, author) ? quiet(state, chat_id) : state;
}

function quiet(state: VisitorState, chat_id: string): VisitorState {
  const { [chat_id]: _gone, ...typing } = state.typing;
  return { ...state, typing };
}
