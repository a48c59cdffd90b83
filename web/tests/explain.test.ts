import { expect, test } from "vitest";
import {
  agentsIn,
  decisionWords,
  entryWords,
  reasonText,
  strategyWords,
  waitedWords,
} from "../src/agent/explain";
import type { Decision, OfferDecision } from "../src/shared/protocol";

const skill = (id: string): string => ({ "s-1": "Czech" })[id] ?? "a skill";

test.each([
  [{ rule: "at_capacity", load: 4, capacity: 4 }, "has 4 of 4 chats"],
  [{ rule: "at_ceiling", chats: 8, ceiling: 8 }, "has 8 of at most 8 chats"],
  [{ rule: "not_online", status: "away", reason: "no_seat" }, "away (no seat free)"],
  [{ rule: "not_online", status: "offline", reason: "initial" }, "offline (no status was chosen yet)"],
  [{ rule: "lacks_skill", skill_id: "s-1", required: 4 }, "needs Czech 4"],
  [{ rule: "lacks_skill", skill_id: "s-1", required: 4, has: 2 }, "needs Czech 4, has 2"],
  [{ rule: "ramping", given: 2, allowed: 2 }, "has just come back and was given 2 of 2"],
  [{ rule: "refused" }, "has rejected or missed it in this round"],
  [{ rule: "newer_than_this" }, "newer than this"],
])("%j is said as %j", (reason, words) => {
  expect(reasonText(reason, skill)).toBe(words);
});

test("every rule of the protocol has words of its own", () => {
  const rules = [
    "not_waiting",
    "for_another_agent",
    "has_it",
    "not_a_member",
    "logged_out",
    "not_online",
    "unreachable",
    "in_wrap_up",
    "at_capacity",
    "at_ceiling",
    "lacks_skill",
    "ramping",
    "end_of_hours",
    "kept_for_others",
    "not_yet_late",
    "refused",
  ];
  for (const rule of rules) expect(reasonText({ rule })).not.toBe(rule.replaceAll("_", " "));
});

test("a strategy is said in words, a newer one by its name", () => {
  expect(strategyWords("longest_idle")).toBe("whoever has been free the longest is asked first");
  expect(strategyWords("by_moon_phase")).toBe("by moon phase");
});

const DECISION: Decision = {
  purpose: "answer",
  queue_id: "queue-1",
  strategy: "least_busy",
  last_asked_agent_id: null,
  place: {
    position: 1,
    waiting: 3,
    priority: 0,
    ahead: false,
    waiting_since: "2026-03-01T09:28:55.000Z",
  },
  kept_for: null,
  round: 1,
  candidates: [
    { agent_id: "ana", late: false, rank: null },
    { agent_id: "bo", late: false, rank: null },
  ],
  tie_break: "busy",
  passed_over: [{ agent_id: "cy", rule: "refused" }],
  members: 3,
  left_out: 0,
};

const MADE: OfferDecision = {
  seq: 7,
  at: "2026-03-01T09:30:00.000Z",
  offer: 1,
  agent_id: "ana",
  state: "accepted",
  ended_at: null,
  decision: DECISION,
};

test("a decision is told with what put the first before the second", () => {
  const chosen = "In this queue whoever has the fewest chats is asked first.";
  expect(decisionWords(DECISION)).toBe(`${chosen} Before the next one: less to do.`);
  expect(decisionWords({ ...DECISION, tie_break: "id" })).toBe(`${chosen} Two were equal.`);
  const alone = { ...DECISION, tie_break: null, candidates: DECISION.candidates.slice(0, 1) };
  expect(decisionWords(alone)).toBe(`${chosen} Nobody else could take it.`);
  expect(decisionWords({ ...alone, strategy: null })).toBe("It was offered by name.");
  const kept_for = { reason: "last_agent", agent_ids: ["ana"], until: null };
  expect(decisionWords({ ...alone, kept_for })).toContain("had the contact's last chat");
});

test("what is told of a chat that moved, and of one that did not", () => {
  const entry = { at: MADE.at, queue_id: "queue-1", by: "queue", rule_id: null };
  const moved = { at: MADE.at, from_queue_id: "queue-1", to_queue_id: "queue-2" };
  expect(entryWords({ entry, overflows: [] })).toBe("The visitor chose the queue.");
  expect(entryWords({ entry, overflows: [moved] })).toBe(
    "The visitor chose the queue. It went on to another queue once.",
  );
  expect(entryWords({ entry: { ...entry, by: null }, overflows: [] })).toBe("");
});

test("an offer is told with the time that the chat had waited, if it did", () => {
  expect(waitedWords(MADE)).toBe("1:05");
  expect(waitedWords({ ...MADE, decision: null })).toBeNull();
  expect(waitedWords({ ...MADE, decision: { ...DECISION, place: null } })).toBeNull();
});

test("everybody who is named is asked for once", () => {
  expect(agentsIn([MADE, { ...MADE, decision: null, agent_id: "di" }])).toEqual([
    "ana",
    "bo",
    "cy",
    "di",
  ]);
});
