import { describe, expect, test } from "vitest";
import type { Availability, VisitorEvent } from "../src/shared/protocol";
import { nextPollMs, retryPollMs } from "../src/widget/availability";
import { backWords, initials, listed, liveOffice, opensAt } from "../src/widget/offices";
import {
  apply,
  currentChat,
  fromSnapshot,
  isOver,
  NO_CHATS,
  withChat,
} from "../src/widget/state";
import { at, message, officeMode, said, visitorChat } from "./make";

const NOW = Date.parse(at);
const after = (state: typeof NO_CHATS, ...events: VisitorEvent[]): typeof NO_CHATS =>
  events.reduce((changed, event) => apply(changed, event, NOW), state);

describe("the next poll", () => {
  const answer = (valid_until: string | null): Availability => ({
    mode: "live",
    valid_until,
    offices: [],
    poll_after_s: 30,
  });

  test("comes after the told time, a little spread", () => {
    expect(nextPollMs(answer(null), NOW, 0)).toBe(30_000);
    expect(nextPollMs(answer(null), NOW, 1)).toBe(33_000);
  });

  test("comes just after a change that is known to come sooner", () => {
    expect(nextPollMs(answer("2026-03-01T09:30:10.000Z"), NOW, 0)).toBe(10_500);
    expect(nextPollMs(answer("2026-03-01T10:30:00.000Z"), NOW, 0)).toBe(30_000);
  });

  test("is not hurried by a clock that is ahead of the server's", () => {
    expect(nextPollMs(answer("2026-03-01T09:00:00.000Z"), NOW, 0)).toBe(30_000);
  });

  test("backs off after errors, and at least as long as the server says", () => {
    expect([1, 2, 3, 9].map((failures) => retryPollMs(failures, null))).toEqual([
      30_000, 60_000, 120_000, 300_000,
    ]);
    expect(retryPollMs(1, 90)).toBe(90_000);
  });
});

describe("what the poll tells of the offices", () => {
  const closed = (opens_at: string | null) => officeMode("o", { mode: "messenger", opens_at });

  test("the first that opens again is named while all are out of their hours", () => {
    const offices = [closed("2026-03-03T08:00:00.000Z"), closed("2026-03-02T08:00:00.000Z")];
    expect(opensAt(offices, NOW)).toBe(Date.parse("2026-03-02T08:00:00.000Z"));
    expect(opensAt([...offices, closed(null)], NOW)).toBeNull();
    expect(opensAt([], NOW)).toBeNull();
    expect(opensAt([closed("2026-03-01T09:00:00.000Z")], NOW)).toBeNull();
  });

  test("the time is told in the visitor's language and time zone", () => {
    const opens = Date.parse("2026-03-01T23:00:00.000Z");
    const words = (locale: string, zone: string) =>
      backWords(opens, NOW, locale, zone).replace(/[\u00a0\u202f]/g, " ");
    expect(words("en-GB", "UTC")).toBe("We are back at 23:00.");
    expect(words("en-US", "Europe/Prague")).toBe("We are back on Monday, March 2 at 12:00 AM.");
    expect(words("de-DE", "Europe/Prague")).toMatch(/Montag, 2\. März/);
  });

  test("a chat begins in the first office that is live", () => {
    const offices = [closed(null), officeMode("a", { waiting: 2 }), officeMode("b")];
    expect(liveOffice(offices)).toMatchObject({ id: "a", waiting: 2 });
    expect(liveOffice([closed(null)])).toBeNull();
  });

  test("names are listed, and a face without a picture has initials", () => {
    const agents = ["Ana", "Ben", "Cy"].map((name) => ({ name, picture_url: null }));
    expect(listed(agents)).toBe("Ana, Ben and Cy");
    expect(listed(agents.slice(0, 1))).toBe("Ana");
    expect(initials("Ana Maria Novak")).toBe("AN");
    expect(initials("čeněk")).toBe("Č");
  });
});

describe("the visitor's state after events", () => {
  const queued: VisitorEvent = {
    type: "chat.queued",
    seq: 1,
    at,
    chat_id: "chat-1",
    position: 3,
    chat: visitorChat("chat-1", { position: 3 }),
  };
  const accepted: VisitorEvent = {
    type: "chat.accepted",
    seq: 3,
    at,
    chat_id: "chat-1",
    chat: visitorChat("chat-1", { state: "active", position: null, last_seq: 1 }),
    agent: { id: "agent-1", name: "Agent One" },
  };
  const closed: VisitorEvent = {
    type: "chat.closed",
    seq: 9,
    at,
    chat_id: "chat-1",
    reason: "agent_closed",
    by: { kind: "agent", agent_id: "agent-1" },
  };

  test("a chat enters with its place in the line and moves up", () => {
    const moved: VisitorEvent = {
      ...queued,
      seq: 2,
      position: 2,
      chat: visitorChat("chat-1", { position: 2 }),
    };
    expect(currentChat(after(NO_CHATS, queued, moved))).toMatchObject({ position: 2 });
  });

  test("a late answer to the start does not undo the accept", () => {
    const active = after(NO_CHATS, queued, said("chat-1", 2, 1), accepted);
    expect(currentChat(withChat(active, visitorChat("chat-1")))).toMatchObject({ state: "active" });
  });

  test("an agent is seen as what its card says", () => {
    const ana = { id: "agent-1", name: "Ana", status: "online" } as const;
    const active = visitorChat("chat-1", { state: "active", agents: [ana] });
    const held = fromSnapshot({ visitor_id: "v", chats: [active] }, NO_CHATS);
    const agent = { ...ana, status: "away" } as const;
    const seen: VisitorEvent = { type: "chat.agent_seen", seq: 4, at, chat_id: "chat-1", agent };
    const fresh = { visitor_id: "v", chats: [{ ...active, agents: [agent] }] };
    expect(after(held, seen)).toEqual(fromSnapshot(fresh, NO_CHATS));
  });

  test("a closed chat leaves the open ones and stays to be read", () => {
    const over = after(NO_CHATS, queued, accepted, said("chat-1", 5, 2), closed);
    expect(over.chats).toEqual([]);
    expect(currentChat(over)).toMatchObject({ state: "closed", close_reason: "agent_closed" });
    expect(over.conversations["chat-1"]?.messages).toHaveLength(1);
  });

  test("an open chat of a snapshot comes before one that ended", () => {
    const over = after(NO_CHATS, queued, accepted, closed);
    const fresh = fromSnapshot({ visitor_id: "v", chats: [visitorChat("chat-2")] }, over);
    expect(currentChat(fresh)?.id).toBe("chat-2");
    expect(currentChat(fromSnapshot({ visitor_id: "v", chats: [] }, over))?.id).toBe("chat-1");
  });
});

test("what some agent has read is the chat's mark, its own is not", () => {
  const open = { ...NO_CHATS, chats: [visitorChat("chat-1")] };
  const read = (kind: "visitor" | "agent"): VisitorEvent => ({
    type: "chat.read",
    seq: 9,
    at,
    chat_id: "chat-1",
    reader: { kind },
    read_seq: 2,
    delivered_seq: 3,
  });
  const mark = { read_seq: 2, delivered_seq: 3 };
  expect(after(open, read("agent")).chats[0]?.agents_mark).toEqual(mark);
  expect(after(open, read("visitor"))).toBe(open);
});

describe("the life of a visitor's chat", () => {
  const open = { ...NO_CHATS, chats: [visitorChat("chat-1", { state: "active" })] };
  const in_chat = { at, chat_id: "chat-1" };
  const closed: VisitorEvent = {
    type: "chat.closed",
    seq: 5,
    ...in_chat,
    reason: "visitor_idle",
    by: { kind: "system" },
  };
  const warned: VisitorEvent = {
    type: "chat.idle_warning",
    seq: 4,
    ...in_chat,
    closes_at: "2026-03-01T09:40:00.000Z",
  };

  test("it is told when it closes for silence, until something is said", () => {
    expect(after(open, warned).closes_at).toEqual({ "chat-1": "2026-03-01T09:40:00.000Z" });
    expect(after(open, warned, said("chat-1", 6, 1)).closes_at).toEqual({});
    expect(after(open, warned, { ...warned, closes_at: null }).closes_at).toEqual({});
    expect(after(open, warned, closed).closes_at).toEqual({});
  });

  test("what the service says of the silence does not end the warning", () => {
    const notice = message(2, { author: { kind: "system" }, notice: { reason: "idle_warning" } });
    const told: VisitorEvent = { ...said("chat-1", 5, 2), message: notice };
    expect(after(open, warned, told).closes_at).toEqual({ "chat-1": "2026-03-01T09:40:00.000Z" });
  });

  test("what it says itself does not end an agent's typing", () => {
    const typing: VisitorEvent = {
      type: "chat.typing",
      at,
      chat_id: "chat-1",
      author: { kind: "agent", agent_id: "agent-1", name: "Ana" },
      typing: true,
    };
    expect(after(open, typing, said("chat-1", 6, 1)).typing["chat-1"]).toBeDefined();
  });

  test("a rating is kept, of an open chat and of one that has ended", () => {
    const rated: VisitorEvent = { type: "chat.rated", seq: 7, ...in_chat, score: 5 };
    expect(after(open, rated).chats[0]?.score).toBe(5);
    expect(after(open, closed, rated).ended?.score).toBe(5);
  });

  test("one that goes on is open again, and its history is read anew", () => {
    const again: VisitorEvent = {
      type: "chat.reopened",
      seq: 8,
      ...in_chat,
      chat: visitorChat("chat-1", { state: "active" }),
    };
    const read = { ...after(open, closed), loaded: new Set(["chat-1"]) };
    const state = after(read, again);
    expect([state.ended, state.chats.length, state.loaded.size]).toEqual([null, 1, 0]);
  });

  test("one whose answer comes by email is no longer open, and is over for the visitor", () => {
    const left = visitorChat("chat-1", { state: "offline_message", position: null });
    const deferred: VisitorEvent = {
      type: "chat.deferred",
      seq: 9,
      ...in_chat,
      reason: "asked",
      chat: left,
    };
    const state = after(open, deferred);
    expect([state.chats, state.ended]).toEqual([[], left]);
    expect(isOver(left)).toBe(true);
    expect(isOver(visitorChat("chat-2"))).toBe(false);
  });

  test("its place in line is as it was told last, while it waits", () => {
    const waiting = { ...NO_CHATS, chats: [visitorChat("chat-1", { position: 5 })] };
    const place = {
      type: "chat.place",
      at,
      chat_id: "chat-1",
      position: 2,
      estimated_wait_s: 60,
    } as const;
    const told = after(waiting, place);
    expect(told.chats[0]).toMatchObject({ position: 2, estimated_wait_s: 60 });
    expect(after(told, { ...place, chat_id: "chat-2" }).chats).toEqual(told.chats);
    const accepted = visitorChat("chat-1", { state: "active", position: null });
    const active = { ...NO_CHATS, chats: [accepted] };
    expect(after(active, place).chats[0]?.position).toBeNull();
  });

  test("who comes and goes changes who is in it", () => {
    const bo = { id: "agent-2", name: "Bo" };
    const both = visitorChat("chat-1", {
      state: "active",
      agents: [bo, { id: "agent-1", name: "Ana" }],
    });
    const joined: VisitorEvent = {
      type: "chat.participant_joined",
      seq: 10,
      ...in_chat,
      agent_id: "agent-2",
      chat: both,
    };
    const left: VisitorEvent = {
      type: "chat.participant_left",
      seq: 11,
      ...in_chat,
      agent: bo,
      reason: "left",
    };
    expect(after(open, joined).chats).toEqual([both]);
    expect(after(open, joined, left).chats[0]?.agents.map(({ id }) => id)).toEqual(["agent-1"]);
  });
});
