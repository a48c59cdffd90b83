// Presence in plain words: what somebody is, why, since when and by whom. Pure.

import { timeOf } from "../shared/format";
import type {
  Actor,
  CustomStatus,
  Mode,
  NewStatus,
  Pause,
  Presence,
  PresenceReason,
  Role,
  Status,
} from "../shared/protocol";

export const STATUSES: readonly Status[] = ["online", "away", "offline", "invisible"];

export const STATUS_WORDS: Record<Status, string> = {
  online: "Online",
  away: "Away",
  offline: "Offline",
  invisible: "Invisible",
};

export const MODE_WORDS: Record<Mode, string> = {
  live: "Visitors can chat",
  messenger: "Visitors can leave a message",
  hidden: "Visitors see no button",
};

/** What the words need to know of the tenant, and who reads them. */
export interface Lexicon {
  me: string;
  statuses: readonly CustomStatus[];
  pauses: readonly Pause[];
  /** The names of agents, as far as they are known. */
  names: Readonly<Record<string, string>>;
}

/** Returns what an actor is called, or `null` for the service itself. */
export function actorName(actor: Actor | undefined, lexicon: Lexicon): string | null {
  if (actor?.kind !== "agent") return null;
  if (actor.agent_id === lexicon.me) return "you";
  return lexicon.names[actor.agent_id] ?? "a colleague";
}

/** What led to a presence: all of it for one's own, of others what the list tells. */
export interface Circumstances {
  effective: Status;
  reason: PresenceReason;
  since: string;
  by?: Actor;
  status_id?: string | null | undefined;
  pause_id?: string | null | undefined;
}

type Word = (by: string | null, seen: Circumstances, lexicon: Lexicon) => string;

const setBy = (by: string | null): string => (by === null ? "" : ` by ${by}`);

const REASON_WORDS: Record<PresenceReason, Word> = {
  initial: () => "no status was chosen yet",
  chosen: (by) => (by === null ? "chosen" : by === "you" ? "chosen by you" : `set by ${by}`),
  override: (by) => `set for this office${setBy(by)}`,
  logged_out: () => "logged out",
  schedule: () => "by the working hours",
  drained: (by) => `the last chat has ended, as asked for${setBy(by)}`,
  leased: () => "reported by another system",
  inactivity: () => "no activity",
  resumed: () => "active again",
  disconnected: () => "connection lost",
  reconnected: () => "connected again",
  lease_expired: () => "no longer reported by the other system",
  paused: (by, seen, { pauses }) => {
    const name = pauses.find((pause) => pause.id === seen.pause_id)?.name;
    const begun = by === null || by === "you" ? "" : `, begun by ${by}`;
    return (name === undefined ? "in a pause" : `in a pause, ${name}`) + begun;
  },
  draining: () => "finishing the chats at hand",
  status_forbids_chats: (_by, seen, { statuses }) => {
    const name = statuses.find((status) => status.id === seen.status_id)?.name;
    return name === undefined ? "this status has no part in chats" : `${name} has no part in chats`;
  },
  no_seat: () => "no seat free",
};

/** Returns the reason as the end of a sentence. */
export function reasonWords(seen: Circumstances, lexicon: Lexicon): string {
  const word = REASON_WORDS[seen.reason] as Word | undefined;
  // A reason that is newer than this page.
  if (word === undefined) return seen.reason.replaceAll("_", " ");
  return word(actorName(seen.by, lexicon), seen, lexicon);
}

/** Returns a reason of which nothing else is known. */
export function plainReason(reason: string): string {
  const seen = { effective: "offline", reason: reason as PresenceReason, since: "" } as const;
  return reasonWords(seen, { me: "", statuses: [], pauses: [], names: {} });
}

/** Returns e.g. "Away since 10:32: no activity". */
export function sentence(seen: Circumstances, lexicon: Lexicon): string {
  const since = timeOf(seen.since);
  return `${STATUS_WORDS[seen.effective]} since ${since}: ${reasonWords(seen, lexicon)}`;
}

/** Returns one's own presence outside of any office. */
export function circumstances(presence: Presence): Circumstances {
  const pause_id = presence.pause?.pause_id;
  return { ...presence, pause_id };
}

/** Returns the name of what was chosen: of a custom status its own. */
export function choiceName(
  chosen: { status: Status; status_id?: string | null | undefined },
  statuses: readonly CustomStatus[],
): string {
  const custom = statuses.find((status) => status.id === chosen.status_id);
  return custom?.name ?? STATUS_WORDS[chosen.status];
}

/** Returns the colour of a custom status that is what its agent effectively is, or `null`. */
export function choiceColor(
  seen: { status: Status; status_id?: string | null | undefined; effective: Status },
  statuses: readonly CustomStatus[],
): string | null {
  if (seen.status !== seen.effective) return null;
  return statuses.find((status) => status.id === seen.status_id)?.color ?? null;
}

/** Every agent whose name a presence needs. */
export function actorsOf(presence: Presence): string[] {
  const actors: (Actor | undefined)[] = [
    presence.by,
    presence.status_set_by,
    presence.pause?.set_by,
    presence.wanted?.set_by,
    ...presence.offices.flatMap((office) => [office.by, office.override?.set_by]),
  ];
  const ids = actors.flatMap((actor) => (actor?.kind === "agent" ? [actor.agent_id] : []));
  return [...new Set(ids)];
}

/**
 * Returns who else than the agent itself has set something for it since `before`, and what, as the
 * end of a sentence that begins with the name; `null` when nobody has (PRES-5: the agent is told).
 */
export function setByOther(
  before: Presence,
  now: Presence,
  statuses: readonly CustomStatus[],
  offices: readonly { id: string; name: string }[],
): { agent_id: string; what: string } | null {
  const other = (actor: Actor): actor is Extract<Actor, { kind: "agent" }> =>
    actor.kind === "agent" && actor.agent_id !== now.agent_id;
  if (now.status_set_at !== before.status_set_at && other(now.status_set_by)) {
    const what = `has set your status to ${choiceName(now, statuses)}.`;
    return { agent_id: now.status_set_by.agent_id, what };
  }
  for (const { office_id, override } of now.offices) {
    const was = before.offices.find((office) => office.office_id === office_id)?.override;
    if (override === null || override.set_at === was?.set_at || !other(override.set_by)) continue;
    const office = offices.find((known) => known.id === office_id)?.name ?? "an office";
    const what = `has set your status for ${office} to ${choiceName(override, statuses)}.`;
    return { agent_id: override.set_by.agent_id, what };
  }
  const { pause } = now;
  if (pause !== null && pause.since !== before.pause?.since && other(pause.set_by)) {
    return { agent_id: pause.set_by.agent_id, what: "has begun a pause for you." };
  }
  return null;
}

/** Whether a role changes the presence of others. The server has the last word. */
export function leads(role: Role): boolean {
  return role !== "agent";
}

/** Names a status in a form's field: one of the four, or a custom one by its id. */
export function encode(status: Status, status_id: string | null | undefined): string {
  return status_id == null ? status : `custom ${status_id}`;
}

export function decode(value: string): NewStatus {
  const [word, status_id] = value.split(" ");
  return status_id === undefined ? { status: word as Status } : { status_id };
}
