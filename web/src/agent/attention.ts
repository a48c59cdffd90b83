// What may call for the agent's attention. Pure.

import type { Chat, Presence } from "../shared/protocol";
import type { AgentState } from "./state";

/**
 * Whether nothing of an office calls for attention: its agent is effectively offline there, which it
 * also is in a status that has no part in chats (PRES-12, PRES-13).
 */
export function isQuiet(presence: Presence, office_id: string): boolean {
  const there = presence.offices.find((office) => office.office_id === office_id) ?? presence;
  return there.effective === "offline";
}

/** Returns the title of the page: it tells of what rings and of what was not read. */
export function titleOf(agent: AgentState | null, read: Readonly<Record<string, number>>): string {
  if (agent === null) return "Deskbell";
  const loud = (about: { office_id: string }): boolean => !isQuiet(agent.presence, about.office_id);
  const ringing = agent.offers.filter(loud).length;
  if (ringing > 0) return `(${ringing}) New chat – Deskbell`;
  const waiting = agent.chats.filter(loud).filter(({ id }) => agent.reminded.has(id)).length;
  if (waiting > 0) return `(${waiting}) Waits for you – Deskbell`;
  const unread = agent.chats.filter(loud).reduce((sum, chat) => {
    const messages = agent.conversations[chat.id]?.messages ?? [];
    const seen = read[chat.id] ?? 0;
    return sum + messages.filter((m) => m.seq > seen && m.author.kind === "visitor").length;
  }, 0);
  return unread > 0 ? `(${unread}) New messages – Deskbell` : "Deskbell";
}

/** Returns how far the agent had got in a chat, as it has told itself, here or in another window. */
export function readBy(agent_id: string, chat: Chat): number {
  const { agent_marks, last_seq } = chat;
  if (agent_marks === undefined) return last_seq;
  return agent_marks.find((mark) => mark.agent_id === agent_id)?.read_seq ?? 0;
}
