import { describe, expect, test } from "vitest";
import { planAfterClose, reconnectDelay } from "../src/shared/reconnect";

describe("the reconnect schedule", () => {
  test("starts between half a second and a second", () => {
    expect(reconnectDelay(0, 0)).toBe(500);
    expect(reconnectDelay(0, 1)).toBe(1_000);
  });

  test("doubles up to fifteen seconds and stays there", () => {
    const longest = [0, 1, 2, 3, 4, 5, 60, 5_000].map((attempt) => reconnectDelay(attempt, 1));
    expect(longest).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000, 15_000]);
  });

  test("is random in its upper half, so that clients do not return together", () => {
    expect(reconnectDelay(3, 0)).toBe(4_000);
    expect(reconnectDelay(3, 0.5)).toBe(6_000);
  });
});

describe("a close code", () => {
  test("1012 waits as long as the server says", () => {
    const plan = planAfterClose(1012, "retry_after_ms=1750", 4, 1);
    expect(plan).toEqual({ kind: "wait", delay_ms: 1_750, firm: true });
  });

  test("1012 without a number waits by the schedule", () => {
    expect(planAfterClose(1012, "", 0, 0)).toMatchObject({ kind: "wait", delay_ms: 500 });
    expect(planAfterClose(1012, "retry_after_ms=-1", 0, 0)).toMatchObject({ delay_ms: 500 });
  });

  test("4001 asks for a new token", () => {
    expect(planAfterClose(4001, "", 0, 0)).toEqual({ kind: "renew_token" });
  });

  test.each([
    [4003, "forbidden"],
    [1003, "client_fault"],
    [1009, "client_fault"],
  ])("%i stops", (code, why) => {
    expect(planAfterClose(code, "", 0, 0)).toEqual({ kind: "stop", why });
  });

  test.each([1000, 1001, 1006, 4000, 4008, 4408])("%i connects again", (code) => {
    expect(planAfterClose(code, "", 1, 0)).toEqual({ kind: "wait", delay_ms: 1_000, firm: false });
  });

  test("4029 does not come back soon", () => {
    expect(planAfterClose(4029, "", 0, 0)).toMatchObject({ kind: "wait", delay_ms: 10_000 });
  });
});
