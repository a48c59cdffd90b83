import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { SignedOut } from "../src/shared/rest";
import { Disconnected, Socket } from "../src/shared/socket";

class FakeSocket {
  static readonly OPEN = 1;
  static made: FakeSocket[] = [];

  readyState = 0;
  sent: Record<string, unknown>[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((close: { code: number; reason: string }) => void) | null = null;

  constructor(
    readonly url: string,
    readonly protocol: string,
  ) {
    FakeSocket.made.push(this);
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }

  close(): void {
    this.readyState = 3;
  }

  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  says(...frames: object[]): void {
    for (const frame of frames) this.onmessage?.({ data: JSON.stringify(frame) });
  }

  /** The types of what the client has sent. */
  get types(): unknown[] {
    return this.sent.map((frame) => frame["type"]);
  }
}

const newest = (): FakeSocket => FakeSocket.made.at(-1)!;
const welcome = { type: "welcome", history_id: "h", seq: 10, connection_id: "c", snapshot: {} };
const resumed = { type: "resumed", history_id: "h", seq: 12, connection_id: "d" };

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeSocket);
  FakeSocket.made = [];
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function connected(token: (renew: boolean) => Promise<string> = async () => "t") {
  const heard = { snapshots: 0, ready: 0, events: [] as unknown[], phases: [] as string[] };
  const socket = new Socket<object, { seq?: number }>({
    url: "ws://here/v1/agent/ws",
    token,
    onSnapshot: () => heard.snapshots++,
    onReady: () => heard.ready++,
    onEvent: (event) => heard.events.push(event.seq ?? "passing"),
    onState: (state) => heard.phases.push(state.phase),
  });
  socket.start();
  await vi.advanceTimersByTimeAsync(0);
  newest().open();
  newest().says(welcome);
  return { socket, heard };
}

describe("the socket", () => {
  test("says hello with its token, in the protocol's name", async () => {
    const { heard } = await connected();
    expect(newest().protocol).toBe("deskbell.v1");
    expect(newest().sent[0]).toEqual({ type: "hello", token: "t" });
    expect(heard).toMatchObject({ snapshots: 1, ready: 1, phases: ["connecting", "open"] });
  });

  test("resumes after the last event it has, and hears nothing twice", async () => {
    const { heard } = await connected();
    newest().says({ type: "e", seq: 10 }, { type: "e", seq: 11 }, { type: "chat.typing" });
    newest().onclose?.({ code: 1006, reason: "" });
    await vi.advanceTimersByTimeAsync(1_000);
    newest().open();
    expect(newest().sent[0]).toMatchObject({ resume: { history_id: "h", after: 11 } });

    newest().says(resumed, { type: "e", seq: 11 }, { type: "e", seq: 12 });
    expect(heard.events).toEqual([11, "passing", 12]);
    expect(heard).toMatchObject({ snapshots: 1, ready: 2 });
  });

  test("pings every eight seconds and answers a ping", async () => {
    await connected();
    newest().says({ type: "ping" });
    await vi.advanceTimersByTimeAsync(16_000);
    expect(newest().types).toEqual(["hello", "pong", "ping", "ping"]);
  });

  test("drops a server that is silent for eighteen seconds", async () => {
    await connected();
    const silent = newest();
    await vi.advanceTimersByTimeAsync(17_900);
    expect(FakeSocket.made).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1_200);
    expect(silent.readyState).toBe(3);
    expect(FakeSocket.made).toHaveLength(2);
  });

  test("answers commands by their ids, and fails those that a lost socket leaves open", async () => {
    const { socket } = await connected();
    const first = socket.call<{ chat: string }>("chat.accept", { chat_id: "1" });
    const second = socket.call("chat.close", { chat_id: "2" });
    const third = socket.call("chat.close", { chat_id: "3" });
    const failed = [expect(second).rejects.toMatchObject({ code: "not_found" })];
    failed.push(expect(third).rejects.toBeInstanceOf(Disconnected));
    const [, one, two] = newest().sent;
    newest().says(
      { type: "error", id: two!["id"], code: "not_found", detail: "", errors: [] },
      { type: "ok", id: one!["id"], chat: "it" },
    );
    expect((await first).chat).toBe("it");
    newest().onclose?.({ code: 1006, reason: "" });
    await Promise.all(failed);
    await expect(socket.call("chat.close", {})).rejects.toBeInstanceOf(Disconnected);
  });

  test("renews its token once after 4001, and is signed out when the new one fails too", async () => {
    const token = vi.fn(async (renew: boolean) => (renew ? "new" : "old"));
    const { socket } = await connected(token);
    newest().onclose?.({ code: 4001, reason: "" });
    await vi.advanceTimersByTimeAsync(0);
    newest().open();
    expect(newest().sent[0]).toMatchObject({ token: "new" });
    newest().onclose?.({ code: 4001, reason: "" });
    expect(socket.state).toEqual({ phase: "stopped", why: "signed_out" });
  });

  test("stops without a token", async () => {
    const { socket } = await connected(async (renew) => {
      if (renew) throw new SignedOut("no");
      return "t";
    });
    newest().onclose?.({ code: 4001, reason: "" });
    await vi.advanceTimersByTimeAsync(0);
    expect(socket.state).toEqual({ phase: "stopped", why: "signed_out" });
  });

  test("waits as long as a restarting server says, whatever comes back meanwhile", async () => {
    const { socket } = await connected();
    newest().onclose?.({ code: 1012, reason: "retry_after_ms=7000" });
    socket.hurry();
    await vi.advanceTimersByTimeAsync(6_900);
    expect(FakeSocket.made).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(FakeSocket.made).toHaveLength(2);
  });

  test("does not call again and again a server that closes at once", async () => {
    await connected();
    const delays: number[] = [];
    for (let round = 0; round < 5; round++) {
      const made = FakeSocket.made.length;
      newest().onclose?.({ code: 4008, reason: "" });
      let delay = 0;
      for (; FakeSocket.made.length === made; delay += 100) await vi.advanceTimersByTimeAsync(100);
      delays.push(delay);
      newest().open();
      newest().says(resumed);
    }
    expect(delays[4]).toBeGreaterThanOrEqual(7_500);
  });
});
