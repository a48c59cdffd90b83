import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Availability, Greeting, GreetingAnswer, GreetingQuestion } from "../src/shared/protocol";
import { countVisit, cut, Greeter, question, type GreeterHost } from "../src/widget/greeting";
import { officeMode } from "./make";

const MINUTE = 60_000;
const NOW = 1_772_357_400_000;

describe("a visit", () => {
  const first = countVisit(null, NOW, "https://search.example/");

  test("begins with the first page and goes on with the next", () => {
    expect(first).toEqual({ count: 1, seen_ms: NOW, referrer: "https://search.example/" });
    const next = countVisit(first, NOW + 29 * MINUTE, "https://shop.example/");
    expect(next).toEqual({ ...first, seen_ms: NOW + 29 * MINUTE });
  });

  test("is another one after half an hour, with a referrer of its own", () => {
    const second = countVisit(first, NOW + 30 * MINUTE, "");
    expect(second).toEqual({ count: 2, seen_ms: NOW + 30 * MINUTE, referrer: "" });
    expect(countVisit(first, NOW - 1, "").count).toBe(2);
  });

  test("is the first one when the storage holds nonsense", () => {
    for (const nonsense of [{}, { count: -3 }, { count: "x" }, { count: 2 ** 40 }, 7, "text", []]) {
      expect(countVisit(nonsense as never, NOW, "")).toEqual({ count: 1, seen_ms: NOW, referrer: "" });
    }
  });
});

describe("what the server is asked", () => {
  const visits = { count: 3, seen_ms: NOW, referrer: "" };

  test("leaves out what is not known", () => {
    expect(question(visits, "https://shop.example/", 1999, "")).toEqual({
      url: "https://shop.example/",
      time_on_page_s: 1,
      visits: 3,
    });
    const full = question({ ...visits, referrer: "https://a.example/" }, "x", -5, "de-AT");
    expect(full).toMatchObject({ time_on_page_s: 0, referrer: "https://a.example/", language: "de-AT" });
    expect(question(visits, "x", 0, "de_AT")).not.toHaveProperty("language");
  });

  test("has addresses that the server takes", () => {
    expect(cut("x".repeat(4096))).toHaveLength(4096);
    expect(cut("x".repeat(4097))).toHaveLength(4096);
    const cut_inside = cut(`${"x".repeat(4095)}ä`);
    expect(cut_inside).toBe("x".repeat(4095));
  });
});

describe("the greeter", () => {
  const hello: Greeting = { rule_id: "rule-1", text: "Hello" };
  let answers: (GreetingAnswer | Error)[];
  let asked: GreetingQuestion[];
  let shown: Greeting | null;
  let url: string;
  let answered: boolean | null;
  let greeter: Greeter;

  const live: Availability = {
    mode: "live",
    valid_until: null,
    offices: [officeMode("office-1")],
    poll_after_s: 30,
  };
  const messenger: Availability = { ...live, mode: "messenger", offices: [] };

  const told = async (answer: Availability): Promise<void> => {
    greeter.availability(answer);
    await vi.advanceTimersByTimeAsync(0);
  };

  beforeEach(() => {
    vi.useFakeTimers();
    answers = [];
    asked = [];
    shown = null;
    url = "https://shop.example/";
    answered = null;
    const host: GreeterHost = {
      ask: async (what) => {
        asked.push(what);
        const answer = answers.shift() ?? { greeting: hello, retry_after_s: null };
        if (answer instanceof Error) throw answer;
        return answer;
      },
      show: (greeting) => (shown = greeting),
      now_ms: () => performance.now(),
      url: () => url,
      language: "de",
      visits: { count: 1, seen_ms: NOW, referrer: "" },
      answered: { read: () => answered, write: (value) => (answered = value) },
    };
    greeter = new Greeter(host);
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  test("asks once when somebody is there, and not before", async () => {
    await told(messenger);
    expect(asked).toHaveLength(0);
    await told(live);
    await told(live);
    expect(asked).toHaveLength(1);
    expect(shown).toEqual(hello);
  });

  test("does not ask again because somebody came or somebody waits", async () => {
    await told(live);
    const agents = [{ name: "Ana", picture_url: null }];
    await told({ ...live, offices: [officeMode("office-1", { agents, waiting: 1 })] });
    expect(asked).toHaveLength(1);
  });

  test("takes the greeting back when nobody is there any more", async () => {
    await told(live);
    await told(messenger);
    expect(shown).toBeNull();
    await told(live);
    expect(asked).toHaveLength(2);
    expect(shown).toEqual(hello);
  });

  test("asks again when the server says so", async () => {
    answers = [{ greeting: null, retry_after_s: 20 }];
    await told(live);
    await vi.advanceTimersByTimeAsync(19_999);
    expect(asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked.map((what) => what.time_on_page_s)).toEqual([0, 20]);
    expect(shown).toEqual(hello);
  });

  test("asks again on another page, whose time begins anew", async () => {
    answers = [{ greeting: null, retry_after_s: null }];
    await told(live);
    await vi.advanceTimersByTimeAsync(30_000);
    url = "https://shop.example/cart";
    await told(live);
    expect(asked.at(-1)).toMatchObject({ url, time_on_page_s: 0 });
  });

  test("keeps quiet while the chat is open, whatever comes meanwhile", async () => {
    answers = [{ greeting: null, retry_after_s: 5 }];
    await told(live);
    greeter.keepQuiet(true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toHaveLength(1);
    greeter.availability(messenger);
    greeter.availability(live);
    greeter.keepQuiet(false);
    greeter.keepQuiet(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(shown).toBeNull();
  });

  test("asks no more in the session when the greeting was opened or dismissed", async () => {
    await told(live);
    greeter.answer();
    expect([shown, answered]).toEqual([null, true]);
    await told(messenger);
    await told(live);
    expect(asked).toHaveLength(1);
  });

  test("shows nothing and waits for the next change when the server fails", async () => {
    answers = [new Error("429")];
    await told(live);
    await vi.advanceTimersByTimeAsync(300_000);
    expect([asked.length, shown]).toEqual([1, null]);
    await told(messenger);
    await told(live);
    expect(shown).toEqual(hello);
  });
});
