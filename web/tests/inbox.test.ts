import { describe, expect, test } from "vitest";
import { countWords, joined, renewed } from "../src/agent/inbox";
import { placeWords, takeable } from "../src/agent/inbox-view";
import { fromSnapshot } from "../src/agent/state";
import { chat, snapshot } from "./make";

const at = (id: string, minute: number) =>
  chat(id, { started_at: `2026-03-01T09:${String(minute).padStart(2, "0")}:00.000Z` });
const ids = (chats: readonly { id: string }[]): string[] => chats.map(({ id }) => id);

describe("a list of chats that is read by pages", () => {
  test("holds a chat once, as it was read last", () => {
    const later = { ...at("b", 2), last_seq: 7 };
    expect(joined([at("a", 3), at("b", 2)], [later, at("c", 1)])).toEqual([
      at("a", 3),
      later,
      at("c", 1),
    ]);
  });

  test("is its first page while there is no other", () => {
    const page = { data: [at("a", 3)], next_cursor: null };
    expect(renewed([at("z", 9), at("a", 3)], "old", page)).toEqual([[at("a", 3)], null]);
  });

  test("keeps what was read beyond the first page, and goes on from there", () => {
    const before = [at("a", 9), at("b", 8), at("c", 7), at("d", 6)];
    const page = { data: [at("new", 10), at("b", 8)], next_cursor: "first" };
    const [chats, cursor] = renewed(before, "second", page);
    expect(ids(chats)).toEqual(["new", "b", "c", "d"]);
    expect(cursor).toBe("second");
  });

  test("goes on from the first page when nothing was read beyond it", () => {
    const page = { data: [at("new", 10), at("b", 8)], next_cursor: "first" };
    expect(renewed([at("a", 9)], null, page)).toEqual([page.data, "first"]);
  });
});

test.each([
  [0, "0"],
  [999, "999"],
  [1_000, "1,000+"],
])("%i chats are counted as %s", (count, words) => {
  expect(countWords(count)).toBe(words);
});

describe("a chat in the list", () => {
  const queues = [{ id: "queue-1", name: "Sales", office_id: "office-1" }];
  const offices = [{ id: "office-1", name: "Prague", mode: "live" as const }];
  const state = fromSnapshot(snapshot({ queues, offices }), null);

  test("says where it is and what is going on with it", () => {
    const words = (fields: object): string => placeWords(chat("a", fields), state);
    expect(words({ state: "waiting" })).toBe("Sales · waits");
    expect(words({ state: "offered" })).toBe("Sales · rings");
    expect(words({ state: "active" })).toBe("Sales · with you");
    const others = {
      agents: [{ id: "agent-2", name: "Bo" }],
      participants: [{ id: "agent-3", name: "Cleo", role: "assistant" }],
    };
    expect(words({ state: "active", ...others })).toBe("Sales · with Bo, Cleo (helps)");
    expect(words({ state: "active", agents: [] })).toBe("Sales · handed on");
    expect(words({ state: "offline_message", queue_id: null })).toBe("Prague · left a message");
  });

  test.each(["waiting", "offered", "offline_message"] as const)(
    "that is %s can be taken",
    (state) => {
      expect(takeable(chat("a", { state }))).toBe(true);
    },
  );

  test.each(["active", "wrap_up", "closed"] as const)("that is %s can not be taken", (state) => {
    expect(takeable(chat("a", { state }))).toBe(false);
  });
});
