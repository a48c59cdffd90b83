// The list of who is online: a whole list, kept true by lines that have changed. Pure.

import type { Role, Status, WatchedAgent, WatchedEvent } from "../shared/protocol";

/** A line with what only some of the frames repeat. */
export interface Line extends WatchedAgent {
  name: string;
  role: Role;
  capacity: number;
}

export type Lines = Readonly<Record<string, Line>>;

export function fromList(agents: readonly WatchedAgent[]): Lines {
  return withLines({}, agents);
}

/** Replaces the lines that have changed; a line is whole but for what it leaves to the one before. */
export function withWatched(lines: Lines, { agents, gone = [] }: WatchedEvent): Lines {
  const left = gone.some((id) => id in lines) ? { ...lines } : lines;
  if (left !== lines) for (const id of gone) delete (left as Record<string, Line>)[id];
  return withLines(left, agents);
}

function withLines(lines: Lines, agents: readonly WatchedAgent[]): Lines {
  const changed: Record<string, Line> = {};
  for (const agent of agents) {
    const { name, role, capacity } = { ...lines[agent.id], ...agent };
    // Without a name it is not on the list: it went with this very tick, or the list is not this one's.
    if (name === undefined || role === undefined || capacity === undefined) continue;
    changed[agent.id] = { ...agent, name, role, capacity };
  }
  return Object.keys(changed).length === 0 ? lines : { ...lines, ...changed };
}

/** What a line says of an office, or outside of any. */
export function seenIn(line: Line, office_id: string | null): Pick<Line, "effective" | "reason" | "since"> {
  return line.offices?.find((office) => office.office_id === office_id) ?? line;
}

export type Counts = Readonly<Record<Status, number>>;

export function countBy(lines: Lines, office_id: string | null): Counts {
  const counts = { online: 0, away: 0, offline: 0, invisible: 0 };
  for (const line of Object.values(lines)) counts[seenIn(line, office_id).effective]++;
  return counts;
}

/** Returns the lines to show, by name: an order that a change of status does not disturb. */
export function shownLines(lines: Lines, office_id: string | null, status: Status | null): Line[] {
  return Object.values(lines)
    .filter((line) => status === null || seenIn(line, office_id).effective === status)
    .sort((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id));
}
