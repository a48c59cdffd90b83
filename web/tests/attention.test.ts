import { expect, test } from "vitest";
import { readBy } from "../src/agent/attention";
import { chat } from "./make";

test("what the agent has read is what it has told, in whichever window", () => {
  const mark = { agent_id: "agent-1", read_seq: 3, delivered_seq: 5 };
  const told = chat("chat-1", { last_seq: 5, agent_marks: [mark] });
  expect(readBy("agent-1", told)).toBe(3);
  expect(readBy("agent-2", told)).toBe(0);
  // A node of the release before tells no marks: nothing is new then that was there before.
  expect(readBy("agent-1", chat("chat-1", { last_seq: 5 }))).toBe(5);
});
