// Why a chat came to an agent, or did not, in plain words. Pure.

import { stopwatch, timeOf } from "../shared/format";

/** A rule that kept an agent from being offered a chat, with what it saw. */
export interface Reason {
  rule: string;
  [value: string]: unknown;
}

const STRATEGY_WORDS: Record<string, string> = {
  longest_idle: "whoever has been free the longest is asked first",
  least_busy: "whoever has the fewest chats is asked first",
  round_robin: "agents are asked in turn",
  priority_tiers: "the most skilled are asked first",
  broadcast: "everybody who is free is asked at once",
  manual: "nobody is asked; agents pick",
};

/** Returns how a queue chooses, as the end of a sentence. */
export function strategyWords(strategy: string): string {
  return STRATEGY_WORDS[strategy] ?? strategy.replaceAll("_", " ");
}

type Word = (reason: Reason, skill: (id: string) => string) => string;

const text = (value: unknown): string => String(value ?? "");
const time = (value: unknown): string => (typeof value === "string" ? timeOf(value) : "later");

const RULE_WORDS: Record<string, Word> = {
  not_a_member: () => "not a member of the queue",
  logged_out: () => "logged out of the queue",
  not_online: (r) => `${text(r["status"])}, ${text(r["reason"]).replaceAll("_", " ")}`,
  unreachable: () => "no connection at that moment",
  in_wrap_up: (r) => `still at work after another chat, until ${time(r["until"])}`,
  at_capacity: (r) => `has ${text(r["load"])} of ${text(r["capacity"])} chats`,
  at_ceiling: (r) => `has ${text(r["chats"])} of at most ${text(r["ceiling"])} chats`,
  lacks_skill: (r, skill) => {
    const has = r["has"] == null ? "" : `, has ${text(r["has"])}`;
    return `needs ${skill(text(r["skill_id"]))} ${text(r["required"])}${has}`;
  },
  ramping: (r) => `has just come back and was given ${text(r["given"])} of ${text(r["allowed"])}`,
  end_of_hours: (r) => `working hours end at ${time(r["ends_at"])}`,
  has_it: () => "is part of it already",
  kept_for_others: () => "it is kept for somebody else",
  not_yet_late: (r) => `invisible, and gets late chats only, from ${time(r["at"])}`,
  refused: () => "has rejected or missed it in this round",
};

/** Returns a reason as the end of a sentence that begins with a name. */
export function reasonText(
  reason: Reason,
  skill: (id: string) => string = () => "a skill",
): string {
  const word = RULE_WORDS[reason.rule];
  // A rule that is newer than this page.
  return word === undefined ? reason.rule.replaceAll("_", " ") : word(reason, skill);
}

/** Returns how long a chat had waited at a moment. */
export function waitedWords(since: string, at: string): string {
  return stopwatch((Date.parse(at) - Date.parse(since)) / 1000);
}
