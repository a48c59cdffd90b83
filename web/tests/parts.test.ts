import { describe, expect, test } from "vitest";
import { handOverWords } from "../src/agent/hand-over-bar";
import { partIn, withNames } from "../src/agent/parts";
import { fromSnapshot } from "../src/agent/state";
import { chat, snapshot } from "./make";

describe("the part that an agent has in a chat", () => {
  const bo = { id: "agent-2", name: "Bo" };
  const me = { id: "agent-1", name: "Agent One" };
  const part = (fields: object, inside = true): string => {
    const there = chat("chat-1", { agents: [bo], ...fields });
    return partIn(fromSnapshot(snapshot({ chats: inside ? [there] : [] }), null), there);
  };

  test("is told by who answers, who helps, and whether the snapshot has it", () => {
    expect(part({ agents: [bo, me] })).toBe("agent");
    expect(part({ participants: [{ ...me, role: "assistant" }] })).toBe("assistant");
    expect(part({})).toBe("listener");
    expect(part({}, false)).toBe("none");
  });

  test("is not told from its name in the chat alone", () => {
    expect(part({ agents: [me] }, false)).toBe("none");
  });

  test("who is seen in a chat is listed, those who help last", () => {
    const there = chat("chat-1", { agents: [bo], participants: [{ ...me, role: "assistant" }] });
    expect(withNames(there, "agent-1")).toEqual(["Bo", "you (helps)"]);
  });
});

test.each([
  ["transfer", "This chat is being transferred to Bo."],
  ["invite", "Bo is asked to join."],
  ["assist", "Bo is asked for help."],
])("a %s that is under way says so", (purpose, words) => {
  expect(handOverWords(purpose, "Bo")).toBe(words);
});
