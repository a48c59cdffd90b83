import { describe, expect, test, vi } from "vitest";
import type { Keep } from "../src/shared/keep";
import { Outbox, type Entry } from "../src/shared/outbox";
import { Sender } from "../src/shared/sender";
import { Disconnected, Refused } from "../src/shared/socket";

function memory(): Keep<readonly Entry[]> {
  let text: string | null = null;
  return {
    read: () => (text === null ? null : (JSON.parse(text) as Entry[])),
    write: (value) => (text = value === null ? null : JSON.stringify(value)),
  };
}

const texts = (outbox: Outbox): string[] => outbox.entries.map((entry) => entry.text);
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

describe("the outbox", () => {
  test("keeps its messages and their ids over a reload", () => {
    const place = memory();
    const { id } = new Outbox(place).add("chat-1", "hello");
    const again = new Outbox(place);
    expect(again.next("chat-1")).toMatchObject({ id, text: "hello" });
    again.remove(id);
    expect(new Outbox(place).entries).toEqual([]);
  });

  test("gives what waited for a chat to the chat that was started", () => {
    const outbox = new Outbox();
    const first = outbox.add(null, "first");
    outbox.add(null, "second");
    outbox.remove(first.id);
    outbox.adopt("chat-1");
    expect(outbox.next("chat-1")?.text).toBe("second");
    expect(outbox.next(null)).toBeUndefined();
  });

  test("passes over a refused message until it is tried again", () => {
    const outbox = new Outbox();
    const { id } = outbox.add("chat-1", "one");
    outbox.add("chat-1", "two");
    outbox.refuse(id, "no");
    expect(outbox.next("chat-1")?.text).toBe("two");
    outbox.retry(id);
    expect(outbox.next("chat-1")?.id).toBe(id);
  });
});

describe("the sender", () => {
  test("sends one message of a chat at a time, in order", async () => {
    const outbox = new Outbox();
    const sent: string[] = [];
    let answer = (): void => {};
    const sender = new Sender(outbox, (entry) => {
      sent.push(entry.text);
      return new Promise((resolve) => (answer = resolve));
    });
    for (const text of ["one", "two"]) outbox.add("chat-1", text);
    sender.flush();
    sender.flush();
    await settled();
    expect(sent).toEqual(["one"]);

    answer();
    await settled();
    expect(sent).toEqual(["one", "two"]);
    expect(texts(outbox)).toEqual(["two"]);
  });

  test("sends the same id again after a lost connection", async () => {
    const outbox = new Outbox();
    const ids: string[] = [];
    let lost = true;
    const sender = new Sender(outbox, (entry) => {
      ids.push(entry.id);
      return lost ? Promise.reject(new Disconnected()) : Promise.resolve();
    });
    outbox.add("chat-1", "one");
    sender.flush();
    await settled();
    expect(texts(outbox)).toEqual(["one"]);
    expect(outbox.entries[0]?.refused).toBeNull();

    lost = false;
    sender.flush();
    await settled();
    expect(ids).toHaveLength(2);
    expect(ids[0]).toBe(ids[1]);
    expect(outbox.entries).toEqual([]);
  });

  test("shows a refusal and goes on with the next", async () => {
    const outbox = new Outbox();
    const sender = new Sender(outbox, (entry) =>
      entry.text === "bad"
        ? Promise.reject(new Refused("chat_closed", "", [], {}))
        : Promise.resolve(),
    );
    outbox.add("chat-1", "bad");
    outbox.add("chat-1", "good");
    sender.flush();
    await settled();
    expect(outbox.entries).toMatchObject([{ text: "bad", refused: "The chat is closed." }]);
  });

  test("tries again by itself when the server asks for patience", async () => {
    vi.useFakeTimers();
    const outbox = new Outbox();
    let calls = 0;
    const sender = new Sender(outbox, () =>
      ++calls === 1 ? Promise.reject(new Refused("rate_limited", "", [], {})) : Promise.resolve(),
    );
    outbox.add("chat-1", "one");
    sender.flush();
    await vi.advanceTimersByTimeAsync(5_000);
    vi.useRealTimers();
    expect(calls).toBe(2);
    expect(outbox.entries).toEqual([]);
  });
});
