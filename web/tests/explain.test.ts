import { expect, test } from "vitest";
import { reasonText, strategyWords } from "../src/agent/explain";

const skill = (id: string): string => ({ "s-1": "Czech" })[id] ?? "a skill";

test.each([
  [{ rule: "at_capacity", load: 4, capacity: 4 }, "has 4 of 4 chats"],
  [{ rule: "at_ceiling", chats: 8, ceiling: 8 }, "has 8 of at most 8 chats"],
  [{ rule: "not_online", status: "away", reason: "inactivity" }, "away, inactivity"],
  [{ rule: "lacks_skill", skill_id: "s-1", required: 4, has: null }, "needs Czech 4"],
  [{ rule: "lacks_skill", skill_id: "s-1", required: 4, has: 2 }, "needs Czech 4, has 2"],
  [{ rule: "ramping", given: 2, allowed: 2 }, "has just come back and was given 2 of 2"],
  [{ rule: "refused" }, "has rejected or missed it in this round"],
  [{ rule: "newer_than_this" }, "newer than this"],
])("%j is said as %j", (reason, words) => {
  expect(reasonText(reason, skill)).toBe(words);
});

test("a strategy is said in words, a newer one by its name", () => {
  expect(strategyWords("longest_idle")).toBe("whoever has been free the longest is asked first");
  expect(strategyWords("by_moon_phase")).toBe("by moon phase");
});
