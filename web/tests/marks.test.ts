import { describe, expect, test } from "vitest";
import { MarkTeller, type Mark } from "../src/shared/marks";
import { Refused } from "../src/shared/socket";

function teller(fails?: () => Error): { teller: MarkTeller; calls: Mark[] } {
  const calls: Mark[] = [];
  const call = (_chat: string, mark: Mark): Promise<void> => {
    calls.push(mark);
    return fails === undefined ? Promise.resolve() : Promise.reject(fails());
  };
  return { teller: new MarkTeller(call), calls };
}

const settled = (): Promise<void> => new Promise((done) => setTimeout(done, 0));

describe("how far one has got", () => {
  test("is told once, and only what has risen", () => {
    const { teller: marks, calls } = teller();
    marks.tell("chat-1", 0, 2);
    marks.tell("chat-1", 0, 2);
    marks.tell("chat-1", 2, 2);
    marks.tell("chat-1", 1, 1);
    marks.tell("chat-1", 2, 5);
    marks.tell("chat-2", 0, 0);
    expect(calls).toEqual([{ delivered: 2 }, { seq: 2 }, { delivered: 5 }]);
  });

  test("needs no word of what has come when it was read", () => {
    const { teller: marks, calls } = teller();
    marks.tell("chat-1", 3, 3);
    expect(calls).toEqual([{ seq: 3 }]);
  });

  test("is told again when it got lost, not when it was refused", async () => {
    const lost = teller(() => new Error("no connection"));
    lost.teller.tell("chat-1", 1, 1);
    await settled();
    lost.teller.tell("chat-1", 1, 1);
    expect(lost.calls).toHaveLength(2);

    const refused = teller(() => new Refused("chat_closed", "the chat is closed", [], {}));
    refused.teller.tell("chat-1", 1, 1);
    await settled();
    refused.teller.tell("chat-1", 1, 1);
    expect(refused.calls).toHaveLength(1);
  });
});
