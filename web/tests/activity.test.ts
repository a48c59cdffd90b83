import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ActivityTeller, TELL_EVERY_MS, watchPerson } from "../src/agent/activity";

describe("activity", () => {
  test("is told at the first act and at most every 20 seconds", () => {
    const tell = vi.fn(() => true);
    const teller = new ActivityTeller(tell);
    for (const at of [0, 1, 19_999]) teller.acted(at);
    expect(tell).toHaveBeenCalledTimes(1);
    for (const at of [TELL_EVERY_MS, 30_000]) teller.acted(at);
    expect(tell).toHaveBeenCalledTimes(2);
  });

  test("is tried again at the next act when it could not be told", () => {
    const tell = vi.fn(() => false);
    const teller = new ActivityTeller(tell);
    teller.acted(0);
    teller.acted(5);
    expect(tell).toHaveBeenCalledTimes(2);
  });
});

describe("a person's acts", () => {
  let listeners: Record<string, (event: object) => void>;
  const happens = (type: string, event: object = {}): void => {
    listeners[type]!({ isTrusted: true, ...event });
  };

  beforeEach(() => {
    listeners = {};
    const target = {
      addEventListener(type: string, listener: (event: object) => void) {
        listeners[type] = listener;
      },
    };
    vi.stubGlobal("document", target);
    vi.stubGlobal("window", target);
  });
  afterEach(() => vi.unstubAllGlobals());

  test("are presses, keys, scrolling, coming back, and a pointer that really moves", () => {
    const acted = vi.fn();
    watchPerson(acted);
    for (const type of ["pointerdown", "keydown", "wheel", "focus"]) happens(type);
    expect(acted).toHaveBeenCalledTimes(4);

    // The page moved under a pointer that rests, or the first report of where it is.
    for (let i = 0; i < 3; i++) happens("pointermove", { screenX: 5, screenY: 5 });
    expect(acted).toHaveBeenCalledTimes(4);
    happens("pointermove", { screenX: 6, screenY: 5 });
    expect(acted).toHaveBeenCalledTimes(5);
  });

  test("are not what a script does", () => {
    const acted = vi.fn();
    watchPerson(acted);
    happens("pointerdown", { isTrusted: false });
    expect(acted).not.toHaveBeenCalled();
  });
});
