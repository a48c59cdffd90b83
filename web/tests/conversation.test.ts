import { describe, expect, test } from "vitest";
import {
  EMPTY,
  timeline,
  withChange,
  withEvent,
  withEvents,
  withMessage,
  withNote,
  withoutMessage,
} from "../src/shared/conversation";
import { joinedWords, toldWords } from "../src/shared/notices";
import type { Message } from "../src/shared/protocol";
import { at, chat, message, said } from "./make";

const seqs = (conversation: typeof EMPTY): number[] => conversation.messages.map((m) => m.seq);

describe("a conversation", () => {
  test("is in the order of the messages' numbers, whatever came first", () => {
    const mixed = [3, 1, 5, 2, 4].map((seq) => message(seq));
    expect(seqs(mixed.reduce(withMessage, EMPTY))).toEqual([1, 2, 3, 4, 5]);
  });

  test("holds a message once, from an answer, an event and the history", () => {
    const answered = withMessage(EMPTY, message(1));
    const heard = withEvent(answered, said("chat-1", 10, 1));
    const read = withEvents(heard, [said("chat-1", 10, 1), said("chat-1", 12, 2)]);
    expect(seqs(read)).toEqual([1, 2]);
  });

  test("does not change when nothing is new, so that nothing is drawn again", () => {
    const once = withMessage(EMPTY, message(1));
    expect(withMessage(once, message(1))).toBe(once);
  });

  test("shows who joined after the messages that came before, and the close last", () => {
    const accepted = { type: "chat.accepted", seq: 15, at, chat: chat("chat-1", { last_seq: 1 }) };
    const closed = {
      type: "chat.closed",
      seq: 20,
      at,
      reason: "visitor_ended",
      by: { kind: "visitor" },
    };
    const whole = withEvents(EMPTY, [
      closed,
      said("chat-1", 17, 2),
      accepted,
      said("chat-1", 12, 1),
    ]);
    const shown = timeline(withEvents(whole, [accepted, closed])).map((item) =>
      item.kind === "message" ? item.message.seq : item.kind === "notice" && item.notice.kind,
    );
    expect(shown).toEqual([1, "joined", 2, "closed"]);
  });
});

describe("what an author changes", () => {
  const edited = (text: string, edited_at: string) => ({
    id: "m-1",
    seq: 1,
    text,
    content: [],
    edited_at,
  });
  const start = withMessage(EMPTY, message(1));
  const shown = (conversation: typeof EMPTY) => conversation.messages[0]!;

  test("is shown at its place, the later change for good", () => {
    const once = withChange(start, edited("second", "2026-03-01T09:32:00.000Z"));
    expect(shown(once)).toMatchObject({ text: "second", seq: 1 });
    const late = withChange(once, edited("first", "2026-03-01T09:31:00.000Z"));
    expect(late).toBe(once);
  });

  test("is empty after a deletion, whatever comes later", () => {
    const gone = withoutMessage(start, "m-1");
    expect(shown(gone)).toMatchObject({ deleted: true, text: null, content: [] });
    expect(withChange(gone, edited("again", "2026-03-01T09:33:00.000Z"))).toBe(gone);
    expect(withoutMessage(gone, "m-1")).toBe(gone);
  });

  test("of a message that is not there is nothing", () => {
    expect(withoutMessage(start, "m-9")).toBe(start);
  });

  test("a message of a server that says less is whole", () => {
    const { content: _content, buttons: _buttons, ...old } = message(2);
    const whole = withMessage(EMPTY, old as Message).messages[0];
    expect(whole).toEqual({ ...message(2), file: null });
  });
});

describe("internal notes", () => {
  const note = (number: number, minute: number) => ({
    id: `n-${number}`,
    number,
    author: { kind: "agent", agent_id: "agent-1", name: "Agent One" } as const,
    text: `note ${number}`,
    content: [],
    sent_at: `2026-03-01T09:${minute}:00.000Z`,
  });
  const said = (seq: number, minute: number) =>
    message(seq, { sent_at: `2026-03-01T09:${minute}:00.000Z` });

  test("stand between the messages by their moment, each once", () => {
    const whole = [note(2, 35), note(1, 31), note(2, 35)].reduce(
      withNote,
      [said(1, 30), said(2, 32)].reduce(withMessage, EMPTY),
    );
    const order = timeline(whole).map((item) =>
      item.kind === "message" ? item.message.seq : item.kind === "note" && item.note.id,
    );
    expect(order).toEqual([1, "n-1", 2, "n-2"]);
  });
});

describe("who comes and goes", () => {
  const moment = (second: number): string => `2026-03-01T09:30:0${second}.000Z`;
  const bo = { id: "agent-2", name: "Bo" };
  const left = {
    type: "chat.participant_left",
    seq: 9,
    at: moment(2),
    agent: bo,
    role: "agent",
    reason: "left",
  };
  const spoken = (seq: number, second: number, notice: Message["notice"] = null) =>
    message(seq, { sent_at: moment(second), notice });
  const kinds = (conversation: typeof EMPTY): unknown[] =>
    timeline(conversation).map((item) =>
      item.kind === "notice" && item.notice.kind === "told" ? item.notice.what : item.kind,
    );

  test("is told between the messages of its moment", () => {
    const whole = withEvents([spoken(1, 1), spoken(2, 3)].reduce(withMessage, EMPTY), [left]);
    expect(kinds(whole)).toEqual(["message", "left", "message"]);
  });

  test("is told once, where the service says it itself", () => {
    const said_so = spoken(2, 2, { reason: "agent_left" });
    const whole = withEvents([spoken(1, 1), said_so].reduce(withMessage, EMPTY), [left]);
    expect(kinds(whole)).toEqual(["message", "message"]);
  });

  test("is not told of who listens", () => {
    const chat_of = { agents: [], participants: [] };
    const joined = {
      type: "chat.participant_joined",
      seq: 8,
      at,
      agent_id: "agent-2",
      role: "listener",
      chat: chat_of,
    };
    const gone = { ...left, role: "listener" };
    expect(withEvents(EMPTY, [joined, gone])).toBe(EMPTY);
  });

  test("a close stands where it was when the chat goes on", () => {
    const closed = {
      type: "chat.closed",
      seq: 5,
      at: moment(2),
      reason: "agent_closed",
      by: { kind: "system" },
    };
    const again = { type: "chat.reopened", seq: 6, at: moment(3), chat: chat("chat-1") };
    const whole = withEvents([spoken(1, 1), spoken(2, 4)].reduce(withMessage, EMPTY), [
      closed,
      again,
    ]);
    expect(kinds(whole)).toEqual(["message", "notice", "reopened", "message"]);
  });
});

test.each([
  ["transferred", "Bo", "Bo goes on with the chat."],
  ["transferred", null, "The chat was handed over."],
  ["came", "Bo", "Bo has joined."],
  ["left", "Bo", "Bo has left."],
  ["requeued", null, "The chat waits for another agent."],
] as const)("%s by %j is said as %j", (what, name, words) => {
  expect(toldWords(what, name)).toBe(words);
});

test("who came in at once is said together", () => {
  expect(joinedWords(["Bo"])).toBe("Bo has joined.");
  expect(joinedWords(["Bo", "Cy"])).toBe("Bo and Cy have joined.");
});
