import { beforeEach, describe, expect, test } from "vitest";
import { isQuiet, titleOf } from "../src/agent/attention";
import { Names } from "../src/agent/names";
import {
  actorsOf,
  choiceName,
  circumstances,
  decode,
  encode,
  reasonWords,
  sentence,
  setByOther,
  type Lexicon,
} from "../src/agent/presence";
import { apply, fromSnapshot } from "../src/agent/state";
import { timeOf } from "../src/shared/format";
import type { Chosen, CustomStatus, PresenceReason } from "../src/shared/protocol";
import { at, chat, inOffice, offer, presence, said, snapshot } from "./make";

const ana = { kind: "agent", agent_id: "ana" } as const;
const me = { kind: "agent", agent_id: "agent-1" } as const;
const training: CustomStatus = {
  id: "status-1",
  name: "Training",
  base: "online",
  handles_chats: false,
  paid: true,
  color: "#2e7d32",
  sort_order: 1,
  longest_a_day_s: null,
};
const lexicon: Lexicon = {
  me: "agent-1",
  statuses: [training],
  pauses: [
    { id: "pause-1", name: "Lunch", paid: false, longest_s: 1800, on_overrun: "flag", sort_order: 1 },
  ],
  names: { ana: "Ana Admin" },
};

describe("a presence in words", () => {
  const words: [PresenceReason, string][] = [
    ["initial", "no status was chosen yet"],
    ["chosen", "set by Ana Admin"],
    ["override", "set for this office by Ana Admin"],
    ["logged_out", "logged out"],
    ["schedule", "by the working hours"],
    ["drained", "the last chat has ended, as asked for by Ana Admin"],
    ["leased", "reported by another system"],
    ["inactivity", "no activity"],
    ["resumed", "active again"],
    ["disconnected", "connection lost"],
    ["reconnected", "connected again"],
    ["lease_expired", "no longer reported by the other system"],
    ["paused", "in a pause, Lunch, begun by Ana Admin"],
    ["draining", "finishing the chats at hand"],
    ["status_forbids_chats", "Training has no part in chats"],
    ["no_seat", "no seat free"],
  ];

  test.each(words)("%s", (reason, told) => {
    const ids = { status_id: "status-1", pause_id: "pause-1" };
    const seen = { effective: "away", reason, since: at, by: ana, ...ids } as const;
    expect(reasonWords(seen, lexicon)).toBe(told);
  });

  test("says since when, and who", () => {
    const idle = presence({ status: "online", effective: "away", reason: "inactivity" });
    expect(sentence(circumstances(idle), lexicon)).toBe(`Away since ${timeOf(at)}: no activity`);
    const own = presence({ effective: "online", reason: "chosen", by: me });
    expect(sentence(circumstances(own), lexicon)).toContain("chosen by you");
    const unknown = { ...own, by: { kind: "agent", agent_id: "ben" } } as const;
    expect(sentence(unknown, lexicon)).toContain("set by a colleague");
  });

  test("a reason that is newer than the page is told as it is", () => {
    const seen = { effective: "away", reason: "on_the_moon" as PresenceReason, since: at } as const;
    expect(reasonWords(seen, lexicon)).toBe("on the moon");
  });

  test("a custom status has its own name, also in a form's field", () => {
    expect(choiceName({ status: "online", status_id: "status-1" }, [training])).toBe("Training");
    expect(choiceName({ status: "away", status_id: null }, [training])).toBe("Away");
    expect(decode(encode("online", "status-1"))).toEqual({ status_id: "status-1" });
    expect(decode(encode("away", null))).toEqual({ status: "away" });
  });
});

describe("what others have set", () => {
  const LATER = "2026-03-01T10:00:00.000Z";
  const before = presence({ offices: [inOffice("office-1")] });
  const told = (now: typeof before) => setByOther(before, now, [training], [{ id: "office-1", name: "Prague" }]);
  const away: Chosen = { status: "away", status_id: null, set_at: LATER, set_by: ana };

  test("the global status", () => {
    const now = { ...before, status: "away", status_set_at: LATER, status_set_by: ana } as const;
    expect(told(now)).toEqual({ agent_id: "ana", what: "has set your status to Away." });
  });

  test("the status for one office", () => {
    const now = { ...before, offices: [inOffice("office-1", { override: away })] };
    expect(told(now)).toEqual({
      agent_id: "ana",
      what: "has set your status for Prague to Away.",
    });
    expect(setByOther(now, now, [], [])).toBeNull();
  });

  test("a pause", () => {
    const pause = { pause_id: "pause-1", paid: true, since: LATER, set_by: ana, due_at: null, overdue: false };
    expect(told({ ...before, pause })?.what).toBe("has begun a pause for you.");
  });

  test("not what the agent has set itself, or a timer", () => {
    const own = { ...before, status: "away", status_set_at: LATER, status_set_by: me } as const;
    expect(told(own)).toBeNull();
    expect(told({ ...before, effective: "away", reason: "inactivity", since: LATER })).toBeNull();
    const override = { ...away, set_by: me };
    expect(told({ ...before, offices: [inOffice("office-1", { override })] })).toBeNull();
  });

  test("every agent that a presence names is looked up once", async () => {
    const override = { ...away, set_by: { kind: "agent", agent_id: "ben" } } as const;
    const now = presence({ by: ana, status_set_by: ana, offices: [inOffice("office-1", { override })] });
    expect(actorsOf(now)).toEqual(["ana", "ben"]);

    const asked: string[] = [];
    const names = new Names({
      get: async <T,>(path: string) => {
        asked.push(path);
        if (path.endsWith("ben")) throw new Error("not found");
        return { id: "ana", name: "Ana Admin" } as T;
      },
    });
    await Promise.all([names.find(actorsOf(now)), names.find(["ana"])]);
    expect(asked).toEqual(["/v1/agents/ana", "/v1/agents/ben"]);
    expect(names.store.get()).toEqual({ ana: "Ana Admin" });
  });
});

describe("pres_12_an_agent_that_is_offline_is_left_alone", () => {
  let online: ReturnType<typeof fromSnapshot>;
  const offline = (reason: PresenceReason) => presence({ effective: "offline", reason });

  beforeEach(() => {
    const start = snapshot({
      presence: presence({ status: "online", effective: "online", reason: "chosen" }),
      chats: [chat("chat-1")],
    });
    online = apply(fromSnapshot(start, null), said("chat-1", 5, 1), 0);
  });

  test("the title tells of offers and of what was not read", () => {
    expect(titleOf(online, {})).toBe("(1) New messages – Deskbell");
    expect(titleOf(online, { "chat-1": 1 })).toBe("Deskbell");
    expect(titleOf({ ...online, offers: [offer("chat-2", 1)] }, {})).toBe("(1) New chat – Deskbell");
  });

  test.each<PresenceReason>(["chosen", "no_seat", "status_forbids_chats"])("not when %s", (reason) => {
    const quiet = { ...online, presence: offline(reason), offers: [offer("chat-2", 1)] };
    expect(titleOf(quiet, {})).toBe("Deskbell");
  });

  test("the office of a chat is what counts", () => {
    const there = { ...offline("chosen"), offices: [inOffice("office-1")] };
    expect(isQuiet(there, "office-1")).toBe(false);
    expect(isQuiet(there, "office-2")).toBe(true);
    expect(titleOf({ ...online, presence: there }, {})).toBe("(1) New messages – Deskbell");
  });
});
