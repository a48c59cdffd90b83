import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { TypingTeller } from "../src/shared/typing";
import { isSeen, unsentText } from "../src/widget/unsent";
import { visitorChat } from "./make";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A teller with what it has told: a text, or `null` for the end. */
function teller(shows: boolean): { typing: TypingTeller; told: (string | null)[] } {
  const told: (string | null)[] = [];
  const tell = (typing: boolean, text: string): void => void told.push(typing ? text : null);
  return { typing: new TypingTeller(tell, () => shows), told };
}

function types(typing: TypingTeller, text: string, every_ms: number): void {
  for (let end = 1; end <= text.length; end++) {
    typing.typed(text.slice(0, end));
    vi.advanceTimersByTime(every_ms);
  }
}

describe("typing", () => {
  test("is told at once, seldom while it goes on, and when it stops", () => {
    const { typing, told } = teller(false);
    types(typing, "Hello there", 500);
    expect(told).toEqual(["H", "Hello t"]);
    vi.advanceTimersByTime(4_000);
    expect(told).toEqual(["H", "Hello t", null]);
    typing.stop();
    expect(told).toHaveLength(3);
  });

  test("that is shown is told once a second, last as it stands", () => {
    const { typing, told } = teller(true);
    types(typing, "Hello", 300);
    vi.advanceTimersByTime(1_000);
    expect(told).toEqual(["H", "Hell", "Hello"]);
  });

  test("that was sent or wiped shows nothing any more", () => {
    const { typing, told } = teller(true);
    typing.typed("H");
    typing.typed("He");
    typing.stop();
    vi.advanceTimersByTime(10_000);
    expect(told).toEqual(["H", null]);
    typing.typed("Hm");
    typing.typed("  ");
    expect(told).toEqual(["H", null, "Hm", null]);
  });
});

describe("what the visitor has not sent", () => {
  test("is seen by whoever is in the chat, if the tenant lets them", () => {
    const active = visitorChat("chat-1", { state: "active" });
    expect(isSeen(active, true)).toBe(true);
    expect(isSeen(active, false)).toBe(false);
    expect(isSeen(null, true)).toBe(false);
    for (const state of ["waiting", "offered", "closed", "offline_message"] as const) {
      expect(isSeen(visitorChat("chat-1", { state }), true)).toBe(false);
    }
  });

  test("goes as the server takes it, of a long text the end", () => {
    expect(unsentText("a\u0007b\n")).toBe("ab");
    const long = `start ${"🙂".repeat(2_000)}`;
    expect(unsentText(long)).toBe("🙂".repeat(2_000));
  });
});
