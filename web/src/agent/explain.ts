// Why a chat came to an agent, or did not, in plain words. Pure.

import { stopwatch, timeOf } from "../shared/format";
import { plainReason } from "./presence";
import type { ChatRouting, Decision, OfferDecision, RuledOut } from "../shared/protocol";

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

type Word = (reason: RuledOut, skill: (id: string) => string) => string;

const text = (value: unknown): string => String(value ?? "");
const time = (value: string | undefined): string => (value === undefined ? "later" : timeOf(value));

const RULE_WORDS: Record<string, Word> = {
  not_waiting: () => "the chat looks for nobody",
  for_another_agent: () => "the chat looks for another agent by name",
  not_a_member: () => "not a member of the queue",
  logged_out: () => "logged out of the queue",
  not_online: (r) => `${text(r.status)} (${plainReason(text(r.reason))})`,
  unreachable: () => "no connection at that moment",
  in_wrap_up: (r) => `still at work after another chat, until ${time(r.until)}`,
  at_capacity: (r) => `has ${text(r.load)} of ${text(r.capacity)} chats`,
  at_ceiling: (r) => `has ${text(r.chats)} of at most ${text(r.ceiling)} chats`,
  lacks_skill: (r, skill) => {
    const has = r.has === undefined ? "" : `, has ${text(r.has)}`;
    return `needs ${skill(text(r.skill_id))} ${text(r.required)}${has}`;
  },
  ramping: (r) => `has just come back and was given ${text(r.given)} of ${text(r.allowed)}`,
  end_of_hours: (r) => `working hours end at ${time(r.ends_at)}`,
  has_it: () => "is part of it already",
  kept_for_others: () => "it is kept for somebody else",
  not_yet_late: (r) => `invisible, and gets late chats only, from ${time(r.at)}`,
  refused: () => "has rejected or missed it in this round",
};

/** Returns a reason as the end of a sentence that begins with a name. */
export function reasonText(
  reason: RuledOut,
  skill: (id: string) => string = () => "a skill",
): string {
  const word = RULE_WORDS[reason.rule];
  // A rule that is newer than this page.
  return word === undefined ? reason.rule.replaceAll("_", " ") : word(reason, skill);
}

const ENTRY_WORDS: Record<string, string> = {
  widget: "It came in through the widget.",
  office: "The visitor chose the office.",
  queue: "The visitor chose the queue.",
  rule: "A routing rule chose the queue.",
  overflow: "The queue that it was meant for was full or closed.",
};

/** Returns how a chat came into its queue, as sentences. */
export function entryWords({ entry, overflows }: Pick<ChatRouting, "entry" | "overflows">): string {
  const by = entry.by ?? "";
  const came = ENTRY_WORDS[by] ?? by.replaceAll("_", " ");
  const moved = overflows.length;
  if (moved === 0) return came;
  const times = moved === 1 ? "once" : `${moved} times`;
  return `${came} It went on to another queue ${times}.`.trim();
}

const KEPT_WORDS: Record<string, string> = {
  assignment: "The contact is assigned to somebody.",
  widget: "The widget belongs to somebody.",
  last_agent: "It was kept for whoever had the contact's last chat.",
  transfer: "It was kept for the one that it was given to.",
};

const TIE_WORDS: Record<string, string> = {
  missing_levels: "better at what the queue needs",
  busy: "less to do",
  idle_since: "free for longer",
  load: "fewer chats",
  turn: "next in turn",
  late: "invisible, for chats that have waited long",
};

/** Returns why the offer went to the first candidate, as sentences. */
export function decisionWords(decision: Decision): string {
  const { candidates, kept_for, strategy, tie_break } = decision;
  if (strategy === null) return "It was offered by name.";
  const words: string[] = [];
  if (kept_for !== null) {
    words.push(KEPT_WORDS[kept_for.reason] ?? "It was kept for somebody.");
  }
  words.push(`In this queue ${strategyWords(strategy)}.`);
  if (tie_break !== null) {
    // Nothing but the order of ids tells two equals apart.
    const than = TIE_WORDS[tie_break];
    words.push(than === undefined ? "Two were equal." : `Before the next one: ${than}.`);
  } else if (candidates.length === 1) {
    words.push("Nobody else could take it.");
  }
  return words.join(" ");
}

/** Returns how long the chat had waited when it was offered; `null` for one that did not wait. */
export function waitedWords({ at, decision }: OfferDecision): string | null {
  const since = decision?.place?.waiting_since;
  if (since === undefined) return null;
  return stopwatch((Date.parse(at) - Date.parse(since)) / 1000);
}

/** Returns every agent that is named, for their names. */
export function agentsIn(decisions: readonly OfferDecision[]): string[] {
  const ids = decisions.flatMap(({ agent_id, decision }) => [
    agent_id,
    ...(decision?.candidates ?? []).map((candidate) => candidate.agent_id),
    ...(decision?.passed_over ?? []).map((passed) => passed.agent_id),
  ]);
  return [...new Set(ids)];
}
