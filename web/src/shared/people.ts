// The agents of a chat as those in it see them.

import type { AgentSeenEvent, Person } from "./protocol";

/** Returns the chat with what its agent is seen as now; another chat as it is. */
export function seenAs<Chat extends { id: string; agents: Person[] }>(
  chat: Chat,
  { chat_id, agent }: AgentSeenEvent,
): Chat {
  if (chat.id !== chat_id) return chat;
  const agents = chat.agents.map((card) => (card.id === agent.id ? agent : card));
  return { ...chat, agents };
}
