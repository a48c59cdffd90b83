// What the poll tells of a widget's offices, for the visitor. Pure.

import type { OfficeMode, PublicAgent } from "../shared/protocol";

/**
 * Returns when the first office opens again, while all of them are out of their hours. In one that is
 * not, somebody may come at any moment.
 */
export function opensAt(offices: readonly OfficeMode[], now_ms: number): number | null {
  const opens = offices.map(({ opens_at }) => (opens_at == null ? NaN : Date.parse(opens_at)));
  const first = Math.min(...opens);
  return opens.length > 0 && first > now_ms ? first : null;
}

/** Returns the office that a chat would begin in: the first that is live. */
export function liveOffice(offices: readonly OfficeMode[]): OfficeMode | null {
  return offices.find(({ mode }) => mode === "live") ?? null;
}

/** Returns when somebody is back, in the visitor's language and time zone unless told otherwise. */
export function backWords(
  at_ms: number,
  now_ms: number,
  locale?: string,
  timeZone?: string,
): string {
  const zone = timeZone === undefined ? {} : { timeZone };
  const day = new Intl.DateTimeFormat(locale, { ...zone, dateStyle: "short" });
  const clock: Intl.DateTimeFormatOptions = { ...zone, hour: "numeric", minute: "2-digit" };
  if (day.format(at_ms) === day.format(now_ms)) {
    return `We are back at ${new Intl.DateTimeFormat(locale, clock).format(at_ms)}.`;
  }
  const date: Intl.DateTimeFormatOptions = { weekday: "long", day: "numeric", month: "long" };
  return `We are back on ${new Intl.DateTimeFormat(locale, { ...date, ...clock }).format(at_ms)}.`;
}

export function waitingWords(waiting: number): string | null {
  if (waiting < 1) return null;
  return waiting === 1 ? "One person is waiting." : `${waiting} people are waiting.`;
}

/** Returns e.g. "Ana, Ben and Cy". */
export function listed(agents: readonly PublicAgent[]): string {
  const names = agents.map(({ name }) => name);
  const last = names.pop() ?? "";
  return names.length === 0 ? last : `${names.join(", ")} and ${last}`;
}

/** Returns the first letters of the first and the last word of a name. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const ends = words.length > 1 ? [words[0]!, words.at(-1)!] : words;
  return ends.map((word) => [...word][0] ?? "").join("").toLocaleUpperCase();
}
