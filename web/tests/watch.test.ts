import { describe, expect, test, vi } from "vitest";
import { Names } from "../src/agent/names";
import { People, refusal } from "../src/agent/people";
import { countBy, fromList, seenIn, shownLines, withWatched } from "../src/agent/watch";
import type { WatchedAgent, WatchedEvent } from "../src/shared/protocol";
import { Problem } from "../src/shared/rest";
import { Disconnected, Refused } from "../src/shared/socket";
import { at, line, unnamed } from "./make";

const watched = (agents: WatchedAgent[], gone?: string[]): WatchedEvent => ({
  type: "presence.watched",
  at,
  agents,
  ...(gone === undefined ? {} : { gone }),
});

describe("the list of who is online", () => {
  const away = { office_id: "office-1", effective: "away", reason: "override", since: at } as const;
  const start = fromList([line("a", "Ana", { offices: [away], pause_id: "p" }), line("b", "Ben")]);

  test("a line without its name keeps it, and is new in all else", () => {
    const after = withWatched(start, watched([unnamed("a", { load: 2 })]));
    expect(after).toEqual(fromList([line("a", "Ana", { load: 2 }), line("b", "Ben")]));
  });

  test("a line with its name enters, or renames", () => {
    const after = withWatched(start, watched([line("c", "Cy"), line("b", "Benedict")]));
    expect(shownLines(after, null, null).map(({ name }) => name)).toEqual(["Ana", "Benedict", "Cy"]);
  });

  test("who is gone leaves", () => {
    expect(Object.keys(withWatched(start, watched([], ["a", "z"])))).toEqual(["b"]);
    expect(Object.keys(start)).toEqual(["a", "b"]);
  });

  test("a stranger without a name is passed over", () => {
    expect(withWatched(start, watched([unnamed("x")]))).toBe(start);
  });

  test("an office shows what an agent is there", () => {
    expect(seenIn(start["a"]!, "office-1")).toMatchObject({ effective: "away", reason: "override" });
    expect(seenIn(start["a"]!, "office-2")).toMatchObject({ effective: "online" });
    expect(countBy(start, null)).toEqual({ online: 2, away: 0, offline: 0, invisible: 0 });
    expect(countBy(start, "office-1")).toMatchObject({ online: 1, away: 1 });
    expect(shownLines(start, "office-1", "away").map(({ id }) => id)).toEqual(["a"]);
  });
});

describe("watching", () => {
  const setUp = () => {
    const calls: [string, object][] = [];
    const answers: Promise<unknown>[] = [];
    const call = <Answer,>(type: string, fields: object): Promise<Answer> => {
      calls.push([type, fields]);
      const answer = answers.shift() ?? Promise.resolve({ agents: [line("a", "Ana")] });
      return answer as Promise<Answer>;
    };
    const rest = { put: vi.fn(async () => [{}, {}]), delete: vi.fn(async () => [{}]) };
    const names = new Names({ get: () => Promise.reject(new Error("not asked")) });
    const people = new People({ call }, rest as never, names);
    return { people, calls, answers, rest, names };
  };
  const settled = () => new Promise((resolve) => setTimeout(resolve));

  test("begins with the view, follows the filter, and ends with the view", async () => {
    const { people, calls, names } = setUp();
    people.open();
    await settled();
    expect(people.store.get().lines).toEqual(fromList([line("a", "Ana")]));
    expect(names.store.get()).toEqual({ a: "Ana" });
    people.event(watched([unnamed("a", { load: 1 })]));
    expect(people.store.get().lines?.["a"]?.load).toBe(1);

    people.filterOffice("office-1");
    expect(people.store.get().lines).toBeNull();
    people.close();
    await settled();
    expect(calls).toEqual([
      ["presence.watch", { watch: true }],
      ["presence.watch", { watch: true, office_id: "office-1" }],
      ["presence.watch", { watch: false }],
    ]);
    expect(people.store.get().lines).toBeNull();
  });

  test("begins anew on a new connection, and not while nobody looks", async () => {
    const { people, calls, answers } = setUp();
    people.connected();
    expect(calls).toEqual([]);
    answers.push(Promise.reject(new Disconnected("lost")));
    people.open();
    await settled();
    expect(people.store.get()).toMatchObject({ lines: null, fault: null });

    people.connected();
    await settled();
    expect(people.store.get().lines).not.toBeNull();
    answers.push(Promise.resolve({ agents: [line("b", "Ben")] }));
    people.connected();
    await settled();
    expect(Object.keys(people.store.get().lines!)).toEqual(["b"]);
  });

  test("an answer that was overtaken does not count, and a refusal is told", async () => {
    const { people, answers } = setUp();
    answers.push(settled().then(() => ({ agents: [line("late", "Late")] })));
    people.open();
    answers.push(Promise.reject(new Refused("rate_limited", "", [], {})));
    people.filterOffice("office-1");
    await settled();
    await settled();
    expect(people.store.get()).toMatchObject({
      lines: null,
      fault: "That was too fast. Please wait a moment.",
    });
  });

  test("the bolt sets and clears, for one agent and for an office", async () => {
    const { people, rest } = setUp();
    await people.set("a", null, { status: "away" });
    await people.set("a", "o", { status_id: "s" });
    await people.set("a", "o", null);
    expect(await people.setOffice("o", { status: "away" })).toBe(2);
    expect(await people.setOffice("o", null)).toBe(1);
    expect(rest.put.mock.calls).toEqual([
      ["/v1/agents/a/presence", { status: "away" }],
      ["/v1/agents/a/presence/offices/o", { status_id: "s" }],
      ["/v1/offices/o/presence", { status: "away" }],
    ]);
    expect(rest.delete.mock.calls).toEqual([
      ["/v1/agents/a/presence/offices/o"],
      ["/v1/offices/o/presence"],
    ]);
  });

  test("says in words why the server refused", () => {
    const forbidden = new Problem(403, "forbidden", "not yours", [], {}, null);
    expect(refusal(forbidden)).toBe("You may change the agents of your own offices only.");
    const faults = [{ pointer: "/office_id", code: "unknown_id", detail: "no" }];
    const elsewhere = new Problem(422, "invalid", "", faults, {}, null);
    expect(refusal(elsewhere)).toBe("This agent does not belong to that office.");
    expect(refusal(new Problem(404, "not_found", "", [], {}, null))).toBe(
      "This is not there any more.",
    );
  });
});
