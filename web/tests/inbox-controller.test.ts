import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Inbox } from "../src/agent/inbox";
import type { Chat, Page } from "../src/shared/protocol";
import { Problem } from "../src/shared/rest";
import { chat } from "./make";

/** A server whose answers a test gives when it wants. */
class Server {
  readonly asked: { path: string; answer(value: unknown): void; fail(error: Error): void }[] = [];

  get = <T>(path: string): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      this.asked.push({ path, answer: (value) => resolve(value as T), fail: reject });
    });

  /** Answers everything that was asked. */
  async answerAll(counts: object, page: Page<Chat>): Promise<void> {
    for (const { path, answer } of this.asked.splice(0)) {
      answer(path === "/v1/chats/views" ? counts : page);
    }
    await vi.advanceTimersByTimeAsync(0);
  }
}

const COUNTS = { mine: 0, waiting: 1, offline: 0, all: 1 };
const page = (...ids: string[]): Page<Chat> => ({
  data: ids.map((id) => chat(id)),
  next_cursor: null,
});

describe("the inbox", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  test("asks for the counts alone while one's own chats are in view", async () => {
    const server = new Server();
    void new Inbox(server, () => true).refresh();
    expect(server.asked.map(({ path }) => path)).toEqual(["/v1/chats/views"]);
  });

  test("shows that a waiting chat rings at a colleague, and that it does no more", async () => {
    const server = new Server();
    const inbox = new Inbox(server, () => true);
    const shown = (): (string | undefined)[] =>
      (inbox.store.get().chats ?? []).map(({ state }) => state);
    inbox.show("waiting");
    // No event tells a member of it: the list is read anew.
    for (const state of ["waiting", "offered", "waiting"] as const) {
      await server.answerAll(COUNTS, { data: [chat("a", { state })], next_cursor: null });
      expect(shown()).toEqual([state]);
      await vi.advanceTimersByTimeAsync(8_000);
    }
  });

  test("drops the answer for a view that was left meanwhile", async () => {
    const server = new Server();
    const inbox = new Inbox(server, () => true);
    inbox.show("waiting");
    const late = server.asked.splice(0);
    inbox.show("all");
    await server.answerAll(COUNTS, page("all-1"));
    for (const { path, answer } of late) answer(path === "/v1/chats/views" ? COUNTS : page("late"));
    await vi.advanceTimersByTimeAsync(0);
    expect(inbox.store.get().chats?.map(({ id }) => id)).toEqual(["all-1"]);
  });

  test("asks once for several events, and again after a while", async () => {
    const server = new Server();
    const inbox = new Inbox(server, () => true);
    inbox.touch();
    inbox.touch();
    await vi.advanceTimersByTimeAsync(300);
    expect(server.asked).toHaveLength(1);
    await server.answerAll(COUNTS, page());
    await vi.advanceTimersByTimeAsync(8_000);
    expect(server.asked).toHaveLength(1);
  });

  test("asks for nothing while nobody looks, and goes on when somebody does", async () => {
    const server = new Server();
    let watched = false;
    const inbox = new Inbox(server, () => watched);
    await inbox.refresh();
    expect(server.asked).toEqual([]);
    watched = true;
    await vi.advanceTimersByTimeAsync(8_000);
    expect(server.asked).toHaveLength(1);
  });

  test("keeps what it has and says why, when the server can not be asked", async () => {
    const server = new Server();
    const inbox = new Inbox(server, () => true);
    inbox.show("waiting");
    await server.answerAll(COUNTS, page("a"));
    void inbox.refresh();
    for (const { fail } of server.asked.splice(0)) fail(new Error("down"));
    await vi.advanceTimersByTimeAsync(0);
    expect(inbox.store.get()).toMatchObject({ counts: COUNTS, chats: [{ id: "a" }] });
    expect(inbox.store.get().fault).not.toBeNull();
  });

  test("has no views where a node knows none, and asks again with the next connection", async () => {
    const server = new Server();
    const inbox = new Inbox(server, () => true);
    void inbox.refresh();
    server.asked.splice(0)[0]!.fail(new Problem(404, "not_found", "", [], {}, null));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(inbox.store.get()).toMatchObject({ absent: true, fault: null });
    expect(server.asked).toEqual([]);
    void inbox.refresh();
    await server.answerAll(COUNTS, page());
    expect(inbox.store.get()).toMatchObject({ absent: false, counts: COUNTS });
  });

  test("stops for good when its agent has left", async () => {
    const server = new Server();
    const inbox = new Inbox(server, () => true);
    void inbox.refresh();
    inbox.stop();
    await server.answerAll(COUNTS, page());
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.asked).toEqual([]);
    expect(inbox.store.get().counts).toBeNull();
  });
});
