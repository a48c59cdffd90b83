import { describe, expect, test } from "vitest";
import { EMPTY, timeline, withEvent, withEvents, withMessage } from "../src/shared/conversation";
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
    const closed = { type: "chat.closed", seq: 20, at, reason: "visitor_ended", by: { kind: "visitor" } };
    const whole = withEvents(EMPTY, [closed, said("chat-1", 17, 2), accepted, said("chat-1", 12, 1)]);
    const shown = timeline(withEvents(whole, [accepted, closed])).map((item) =>
      item.kind === "message" ? item.message.seq : item.notice.kind,
    );
    expect(shown).toEqual([1, "joined", 2, "closed"]);
  });
});
