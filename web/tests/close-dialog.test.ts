import { describe, expect, test } from "vitest";
import { choiceWords, outcomesOf } from "../src/agent/close-dialog";
import type { Disposition, Queue } from "../src/shared/protocol";

describe("what a chat can be closed with", () => {
  const outcome = (id: string, sort_order: number): Disposition => ({
    id,
    name: `Outcome ${id}`,
    sort_order,
  });
  const all = [outcome("c", 2), outcome("b", 1), outcome("a", 1), outcome("z", 0)];
  const queue = (fields: Partial<Queue>): Queue => ({
    id: "queue-1",
    name: "Sales",
    office_id: "office-1",
    strategy: "longest_idle",
    ...fields,
  });

  test("are the outcomes of its queue, in their order and then by name", () => {
    const { list } = outcomesOf(queue({ disposition_ids: ["a", "b", "c"] }), all);
    expect(list.map(({ id }) => id)).toEqual(["a", "b", "c"]);
  });

  test("one is needed only where there is one to choose", () => {
    const required = (fields: Partial<Queue>): boolean =>
      outcomesOf(queue({ disposition_required: true, ...fields }), all).required;
    expect(required({ disposition_ids: ["a"] })).toBe(true);
    expect(required({ disposition_ids: ["archived"] })).toBe(false);
    expect(required({})).toBe(false);
  });

  test("how many are wanted is said", () => {
    const words = (required: boolean, several: boolean): string =>
      choiceWords({ list: all, required, several });
    expect([words(true, true), words(true, false)]).toEqual(["(at least one)", "(choose one)"]);
    expect([words(false, true), words(false, false)]).toEqual([
      "(optional, any number)",
      "(optional)",
    ]);
  });

  test("nothing is known of a chat without a queue", () => {
    expect(outcomesOf(undefined, all)).toEqual({ list: [], required: false, several: false });
  });
});
