// One socket that stays: it connects, says hello, resumes, answers pings, notices silence and comes
// back after the delay that `reconnect.ts` gives. It knows frames, not chats. A command that was not
// answered before the socket was lost fails with `Disconnected`; whether to send it again is for the
// caller to know (messages: `sender.ts`).

import { observe } from "./clock";
import { newId } from "./id";
import type { FieldError } from "./protocol";
import { planAfterClose, reconnectDelay } from "./reconnect";
import { Problem, SignedOut, type TokenSource } from "./rest";

export type ConnectionState =
  | { phase: "connecting" }
  | { phase: "open" }
  // `firm`: the server asked for this wait, so nothing shortens it.
  | { phase: "waiting"; retry_at: number; firm: boolean }
  | { phase: "stopped"; why: "left" | "signed_out" | "forbidden" | "client_fault" };

/** The server answered a command with an `error` frame. */
export class Refused extends Error {
  constructor(
    readonly code: string,
    detail: string,
    readonly errors: readonly FieldError[],
    readonly members: Readonly<Record<string, unknown>>,
  ) {
    super(detail);
  }

  /** True when the same command may succeed a little later. */
  get passing(): boolean {
    return ["rate_limited", "unavailable", "internal"].includes(this.code);
  }
}

export class Disconnected extends Error {}

interface Frame {
  type: string;
  [field: string]: unknown;
}

export interface SocketOptions<Snapshot, Event> {
  url: string;
  token: TokenSource;
  /** Replaces the whole state. */
  onSnapshot(snapshot: Snapshot): void;
  /** The socket is open and its state is whole, or about to be: unanswered work may be sent. */
  onReady(): void;
  onEvent(event: Event): void;
  onState(state: ConnectionState): void;
}

const SUBPROTOCOL = "deskbell.v1";
const PING_EVERY_MS = 8_000;
// Two pings and a little: the server, too, gives up after two.
const SILENCE_MS = 18_000;
// A socket that dies sooner counts as another failed attempt, or a server that closes at once
// would be called twice a second for ever.
const STABLE_MS = 10_000;

export class Socket<Snapshot, Event> {
  state: ConnectionState = { phase: "stopped", why: "left" };

  private socket: WebSocket | null = null;
  private resume: { history_id: string; after: number } | null = null;
  private readonly calls = new Map<string, (answer: Frame | Error) => void>();
  private attempt = 0;
  private welcomed_at = 0;
  private renew_next = false;
  private run = 0;
  private retry_timer: ReturnType<typeof setTimeout> | undefined;
  private silence_timer: ReturnType<typeof setTimeout> | undefined;
  private ping_timer: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly options: SocketOptions<Snapshot, Event>) {}

  start(): void {
    if (this.state.phase !== "stopped") return;
    this.attempt = 0;
    this.renew_next = false;
    void this.connect();
  }

  /** Closes for good and forgets what it could resume. */
  stop(): void {
    this.lose();
    this.resume = null;
    this.enter({ phase: "stopped", why: "left" });
  }

  /** Ends a wait, for when the network or the page came back. */
  hurry(): void {
    if (this.state.phase === "waiting" && !this.state.firm) void this.connect();
  }

  /** Sends a command and gives what its `ok` carries. */
  call<Answer = unknown>(type: string, fields: object): Promise<Answer> {
    if (this.socket === null || this.state.phase !== "open") {
      return Promise.reject(new Disconnected("not connected"));
    }
    const id = newId();
    this.send({ ...fields, id, type });
    return new Promise((resolve, reject) => {
      this.calls.set(id, (answer) => {
        if (answer instanceof Error) reject(answer);
        else resolve(answer as Answer);
      });
    });
  }

  private async connect(): Promise<void> {
    clearTimeout(this.retry_timer);
    const run = ++this.run;
    this.enter({ phase: "connecting" });
    let token: string;
    try {
      token = await this.options.token(this.renew_next);
    } catch (error) {
      if (run !== this.run) return;
      if (error instanceof SignedOut) this.enter({ phase: "stopped", why: "signed_out" });
      else if (error instanceof Problem && !error.passing) {
        this.enter({ phase: "stopped", why: "forbidden" });
      } else this.waitFor(reconnectDelay(this.attempt++, Math.random()), false);
      return;
    }
    if (run !== this.run) return;

    const socket = new WebSocket(this.options.url, SUBPROTOCOL);
    this.socket = socket;
    this.heard();
    socket.onopen = () => {
      this.send({ type: "hello", token, ...(this.resume === null ? {} : { resume: this.resume }) });
    };
    socket.onmessage = (message) => {
      this.heard();
      if (typeof message.data === "string") this.receive(JSON.parse(message.data) as Frame);
    };
    socket.onclose = (close) => this.closed(close.code, close.reason);
  }

  private receive(frame: Frame): void {
    switch (frame.type) {
      case "welcome":
        observe(String(frame["at"]));
        this.resume = { history_id: String(frame["history_id"]), after: Number(frame["seq"]) };
        this.options.onSnapshot(frame["snapshot"] as Snapshot);
        return this.opened();
      case "resumed":
        observe(String(frame["at"]));
        return this.opened();
      case "ping":
        return this.send({ type: "pong" });
      case "pong":
        return;
      case "ok":
      case "error":
        return this.answered(frame);
      default:
        return this.event(frame);
    }
  }

  private event(frame: Frame): void {
    const seq = frame["seq"];
    if (typeof seq === "number" && this.resume !== null) {
      // The snapshot or an earlier event already holds it.
      if (seq <= this.resume.after) return;
      this.resume.after = seq;
    }
    this.options.onEvent(frame as unknown as Event);
  }

  private answered(frame: Frame): void {
    const id = String(frame["id"]);
    const settle = this.calls.get(id);
    if (settle === undefined) {
      if (frame.type === "error") console.warn("deskbell:", frame["code"], frame["detail"]);
      return;
    }
    this.calls.delete(id);
    if (frame.type === "ok") return settle(frame);
    const errors = Array.isArray(frame["errors"]) ? (frame["errors"] as FieldError[]) : [];
    settle(new Refused(String(frame["code"]), String(frame["detail"] ?? ""), errors, frame));
  }

  private opened(): void {
    this.welcomed_at = Date.now();
    this.renew_next = false;
    clearInterval(this.ping_timer);
    this.ping_timer = setInterval(() => this.send({ type: "ping" }), PING_EVERY_MS);
    this.enter({ phase: "open" });
    this.options.onReady();
  }

  private closed(code: number, reason: string): void {
    const was_renewed = this.renew_next;
    const stable = this.welcomed_at > 0 && Date.now() - this.welcomed_at >= STABLE_MS;
    if (stable) this.attempt = 0;
    this.lose();
    const plan = planAfterClose(code, reason, this.attempt, Math.random());
    switch (plan.kind) {
      case "stop":
        return this.enter({ phase: "stopped", why: plan.why });
      case "renew_token":
        // A token that is refused although it is new will not get better.
        if (was_renewed) return this.enter({ phase: "stopped", why: "signed_out" });
        this.renew_next = true;
        return void this.connect();
      case "wait":
        this.attempt++;
        return this.waitFor(plan.delay_ms, plan.firm);
    }
  }

  /** Lets go of the socket without waiting for its close, which a dead peer never answers. */
  private lose(): void {
    this.run++;
    clearTimeout(this.retry_timer);
    clearTimeout(this.silence_timer);
    clearInterval(this.ping_timer);
    const socket = this.socket;
    this.socket = null;
    this.welcomed_at = 0;
    if (socket !== null) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
    const calls = [...this.calls.values()];
    this.calls.clear();
    for (const settle of calls) settle(new Disconnected("the connection was lost"));
  }

  private heard(): void {
    clearTimeout(this.silence_timer);
    this.silence_timer = setTimeout(() => this.closed(4000, "silent"), SILENCE_MS);
  }

  private waitFor(delay_ms: number, firm: boolean): void {
    this.enter({ phase: "waiting", retry_at: Date.now() + delay_ms, firm });
    this.retry_timer = setTimeout(() => void this.connect(), delay_ms);
  }

  private send(frame: Frame): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  private enter(state: ConnectionState): void {
    this.state = state;
    this.options.onState(state);
  }
}

/** Returns the address of a socket of the server at `base`. */
export function socketUrl(base: string, path: string): string {
  return base.replace(/^http/, "ws") + path;
}

/** Connects at once when the network or the page comes back, instead of after the delay. */
export function hurryWhenBack(socket: { hurry(): void }): void {
  window.addEventListener("online", () => socket.hurry());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") socket.hurry();
  });
}
