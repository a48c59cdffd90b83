// To whom a chat can be handed: agents in the order in which they can take it, and queues. Pure.

import type { PersonPresence, QueueCard } from "../shared/protocol";

export type Target = { agent_id: string } | { queue_id: string };

export interface AgentTarget {
  id: string;
  name: string;
  /** Whether it could be offered the chat now, as far as the list tells. */
  free: boolean;
  /** What it is, in a few words. */
  words: string;
}

/** Returns the agents for a chat of an office: who can take it now first, then by name. */
export function agentTargets(
  people: readonly PersonPresence[],
  office_id: string,
  without: ReadonlySet<string>,
  search: string,
): AgentTarget[] {
  const wanted = search.trim().toLocaleLowerCase();
  return people
    .filter(({ agent }) => !without.has(agent.id))
    .filter(({ agent }) => agent.name.toLocaleLowerCase().includes(wanted))
    .map((person) => agentTarget(person, office_id))
    .sort((a, b) => Number(b.free) - Number(a.free) || a.name.localeCompare(b.name));
}

function agentTarget(person: PersonPresence, office_id: string): AgentTarget {
  const { agent, presence, load, capacity } = person;
  const there = presence.offices.find((office) => office.office_id === office_id) ?? presence;
  const online = there.effective === "online";
  const free = online && load < capacity;
  const state = presence.pause === null ? there.effective : "in a pause";
  const chats = `${load} of ${capacity} chats`;
  const words = online ? (free ? chats : `full, ${chats}`) : state;
  return { id: agent.id, name: agent.name, free, words };
}

/** Returns the queues to hand a chat to: those of its office first. */
export function queueTargets(
  queues: readonly QueueCard[],
  office_id: string,
  without: string | null,
  search: string,
): QueueCard[] {
  const wanted = search.trim().toLocaleLowerCase();
  const own = (queue: QueueCard): number => Number(queue.office_id === office_id);
  return queues
    .filter(({ id, name }) => id !== without && name.toLocaleLowerCase().includes(wanted))
    .sort((a, b) => own(b) - own(a) || a.name.localeCompare(b.name));
}
