// What part an agent has in a chat. Pure.

import type { Chat } from "../shared/protocol";
import { takesPart, type AgentState } from "./state";

/**
 * `agent`: answers it. `assistant`: reads along and advises, seen by the agents. `listener`: reads along
 * unseen. `none`: looks at it from outside.
 */
export type Part = "agent" | "assistant" | "listener" | "none";

export function partIn(state: AgentState, chat: Chat): Part {
  if (!takesPart(state, chat.id)) return "none";
  if (chat.agents.some(({ id }) => id === state.me.id)) return "agent";
  return chat.participants.some(({ id }) => id === state.me.id) ? "assistant" : "listener";
}

/** Returns everybody who is seen in a chat: who answers, and who helps. */
export function withNames(chat: Chat, me: string): string[] {
  const name = (card: { id: string; name: string }): string => (card.id === me ? "you" : card.name);
  const helpers = chat.participants
    .filter(({ role }) => role === "assistant")
    .map((card) => `${name(card)} (helps)`);
  return [...chat.agents.map(name), ...helpers];
}
