import { describe, expect, test } from "vitest";
import { offerWords } from "../src/agent/offer-words";
import { agentTargets, queueTargets } from "../src/agent/targets";
import type { PersonPresence, Presence } from "../src/shared/protocol";
import { inOffice, presence } from "./make";

const person = (name: string, fields: Partial<Presence>, load = 0): PersonPresence => ({
  agent: { id: name, name, role: "agent" },
  presence: presence(fields),
  load,
  capacity: 4,
});

describe("whom a chat can be handed to", () => {
  const online = { offices: [inOffice("office-1")] };
  const people = [
    person("Zoe", online, 1),
    person("Abe", { effective: "offline" }),
    person("Cleo", online, 4),
    person("Bo", {
      ...online,
      pause: {
        pause_id: "p",
        paid: true,
        since: "",
        set_by: { kind: "system" },
        due_at: null,
        overdue: false,
      },
      offices: [inOffice("office-1", { effective: "away" })],
    }),
    person("Dan", { effective: "online", offices: [inOffice("office-1", { effective: "away" })] }),
  ];

  test("who is free there comes first, then the others by name, each with what it is", () => {
    const found = agentTargets(people, "office-1", new Set(), "");
    expect(found.map(({ name, free, words }) => [name, free, words])).toEqual([
      ["Zoe", true, "1 of 4 chats"],
      ["Abe", false, "offline"],
      ["Bo", false, "in a pause"],
      ["Cleo", false, "full, 4 of 4 chats"],
      ["Dan", false, "away"],
    ]);
  });

  test("who is in the chat is left out, and a name is searched in either case", () => {
    const names = (search: string, without: string[] = []): string[] =>
      agentTargets(people, "office-1", new Set(without), search).map(({ name }) => name);
    expect(names("", ["Zoe", "Abe"])).toEqual(["Bo", "Cleo", "Dan"]);
    expect(names(" cL ")).toEqual(["Cleo"]);
  });

  test("queues of the chat's office come first; its own is left out", () => {
    const queue = (id: string, office_id: string) => ({ id, name: `Queue ${id}`, office_id });
    const queues = [queue("a", "office-2"), queue("z", "office-1"), queue("b", "office-1")];
    expect(queueTargets(queues, "office-1", "b", "queue").map(({ id }) => id)).toEqual(["z", "a"]);
  });
});

test.each([
  ["answer", null],
  ["transfer", "Ana hands this chat over to you"],
  ["invite", "Ana asks you to join"],
  ["assist", "Ana asks for help"],
  ["newer_than_this_page", null],
])("an offer for %s says %j", (purpose, words) => {
  expect(offerWords({ purpose, by: { id: "a", name: "Ana" } })).toBe(words);
});
