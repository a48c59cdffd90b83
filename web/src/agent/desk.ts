// The agent page's one controller: it joins session, socket, state and outbox, and offers the views
// a store to read and verbs to call. It renders nothing.

import { serverNow } from "../shared/clock";
import { loadEvents } from "../shared/history";
import { keep } from "../shared/keep";
import { Outbox, type Entry } from "../shared/outbox";
import type { AgentEvent, AgentSnapshot, Message, NewStatus, Presence } from "../shared/protocol";
import { Problem, Rest, SignedOut } from "../shared/rest";
import { Sender } from "../shared/sender";
import { hurryWhenBack, Socket, socketUrl, type ConnectionState } from "../shared/socket";
import { Store } from "../shared/store";
import { clean } from "../shared/text";
import { TypingTeller } from "../shared/typing";
import { explain } from "../shared/words";
import { ActivityTeller, watchPerson } from "./activity";
import { isQuiet } from "./attention";
import { Names } from "./names";
import { People } from "./people";
import { actorsOf, setByOther } from "./presence";
import { Session } from "./session";
import { apply, fromSnapshot, withAnswer, withHistory, withoutEnded } from "./state";
import type { AgentState } from "./state";

export interface DeskState {
  page: "starting" | "login" | "desk";
  /** Why the login form is shown, when it is not the first thing. */
  login_reason: string | null;
  connection: ConnectionState;
  agent: AgentState | null;
  selected: string | null;
  drafts: Readonly<Record<string, string>>;
  /** The last message seen of each chat. */
  read: Readonly<Record<string, number>>;
  alerts: readonly { id: number; text: string }[];
}

const START: DeskState = {
  page: "starting",
  login_reason: null,
  connection: { phase: "stopped", why: "left" },
  agent: null,
  selected: null,
  drafts: {},
  read: {},
  alerts: [],
};

// More than these would cover the page; the oldest gives way.
const ALERTS_MAX = 3;
const HISTORY_RETRY_MS = 3_000;

export class Desk {
  readonly store = new Store<DeskState>(START);
  readonly outbox: Outbox;

  readonly names: Names;
  readonly people: People;

  private readonly session = new Session((token) => this.tokenRenewed(token));
  private readonly rest = new Rest("", (renew) => this.session.token(renew));
  private readonly socket: Socket<AgentSnapshot, AgentEvent>;
  private readonly sender: Sender;
  /** Whose messages the outbox holds: another agent must not send them. */
  private readonly owner = keep<string>("sessionStorage", "deskbell.agent.owner");
  private readonly activity = new ActivityTeller(() => this.tellActivity());
  private readonly tellers = new Map<string, TypingTeller>();
  private readonly loading = new Set<string>();
  private generation = 0;
  private alert_id = 0;

  constructor() {
    this.outbox = new Outbox(keep("sessionStorage", "deskbell.agent.outbox"));
    this.sender = new Sender(this.outbox, (entry) => this.transmit(entry));
    this.socket = new Socket<AgentSnapshot, AgentEvent>({
      url: socketUrl(location.origin, "/v1/agent/ws"),
      token: (renew) => this.session.token(renew),
      onSnapshot: (snapshot) => this.replace(snapshot),
      onReady: () => {
        this.sender.flush();
        this.people.connected();
      },
      onEvent: (event) => this.event(event),
      onState: (connection) => this.connection(connection),
    });
    this.names = new Names(this.rest);
    this.people = new People(this.socket, this.rest, this.names);
    hurryWhenBack(this.socket);
    watchPerson(() => this.activity.acted(Date.now()));
    document.addEventListener("visibilitychange", () => this.markRead());
  }

  async start(): Promise<void> {
    if (await this.session.restore()) this.enter();
    else this.store.patch({ page: "login" });
  }

  async login(tenant: string, email: string, password: string): Promise<void> {
    await this.session.login(tenant, email, password);
    this.enter();
  }

  async logout(): Promise<void> {
    this.socket.stop();
    try {
      await this.session.logout();
    } catch {
      // The tokens are forgotten here; on the server the session ends by itself.
    }
    this.outbox.clear();
    this.leave(null);
  }

  // What the agent does.

  /** Sets the status for all offices, now or when the last chat has ended. */
  setStatus(status: NewStatus, after_chats = false): Promise<void> {
    return this.presence("presence.set", { ...status, ...(after_chats ? { after_chats } : {}) });
  }

  /** Sets the status for one office; `null` clears what was set for it. */
  setOverride(office_id: string, status: NewStatus | null): Promise<void> {
    return status === null
      ? this.presence("presence.clear_office", { office_id })
      : this.presence("presence.set_office", { office_id, ...status });
  }

  startPause(pause_id: string): Promise<void> {
    return this.presence("pause.start", { pause_id });
  }

  endPause(): Promise<void> {
    return this.presence("pause.end", {});
  }

  accept(chat_id: string, offer: number): Promise<void> {
    return this.command("chat.accept", { chat_id, offer }, () => this.select(chat_id));
  }

  reject(chat_id: string, offer: number): Promise<void> {
    return this.command("chat.reject", { chat_id, offer });
  }

  close(chat_id: string): Promise<void> {
    return this.command("chat.close", { chat_id });
  }

  select(chat_id: string | null): void {
    this.people.close();
    this.store.patch({ selected: chat_id });
    if (chat_id !== null) void this.load(chat_id);
    this.markRead();
  }

  /** Shows who is online instead of a chat. */
  showPeople(): void {
    this.people.open();
  }

  showChats(): void {
    this.people.close();
    this.markRead();
  }

  /** Takes an ended chat off the list. */
  putAway(chat_id: string): void {
    if (this.store.get().selected === chat_id) this.select(null);
    this.change((agent) => withoutEnded(agent, chat_id));
  }

  write(chat_id: string, text: string): void {
    this.store.patch({ drafts: { ...this.store.get().drafts, [chat_id]: text } });
    this.teller(chat_id).typed(text);
  }

  send(chat_id: string, text: string): void {
    this.outbox.add(chat_id, clean(text));
    this.store.patch({ drafts: { ...this.store.get().drafts, [chat_id]: "" } });
    this.teller(chat_id).stop();
    this.sender.flush();
  }

  retry(id: string): void {
    this.outbox.retry(id);
    this.sender.flush();
  }

  alert(text: string): void {
    const alerts = [...this.store.get().alerts, { id: ++this.alert_id, text }];
    this.store.patch({ alerts: alerts.slice(-ALERTS_MAX) });
  }

  dismiss(id: number): void {
    const alerts = this.store.get().alerts.filter((alert) => alert.id !== id);
    this.store.patch({ alerts });
  }

  // What happens to the page.

  private enter(): void {
    this.store.patch({ page: "desk", login_reason: null, alerts: [] });
    this.socket.start();
  }

  private leave(login_reason: string | null): void {
    this.generation++;
    this.session.forget();
    this.store.set({ ...START, page: "login", login_reason });
    this.people.reset();
    this.socket.stop();
  }

  private connection(connection: ConnectionState): void {
    if (this.store.get().page !== "desk") return;
    this.store.patch({ connection });
    const out = connection.phase === "stopped" && connection.why === "signed_out";
    if (out) this.leave("You have been logged out. Please log in again.");
  }

  private replace(snapshot: AgentSnapshot): void {
    this.generation++;
    if (this.owner.read() !== snapshot.me.id) this.outbox.clear();
    this.owner.write(snapshot.me.id);
    const before = this.store.get();
    const agent = fromSnapshot(snapshot, before.agent);
    const read = { ...before.read };
    for (const chat of snapshot.chats) read[chat.id] ??= chat.last_seq;
    this.store.patch({ agent, read });
    this.names.learn([snapshot.me]);
    this.presenceKnown(before.agent?.presence ?? null, snapshot.presence);
    for (const chat of snapshot.chats) void this.load(chat.id);
    if (before.selected !== null) void this.load(before.selected);
    this.markRead();
  }

  private event(event: AgentEvent): void {
    if (event.type === "presence.watched") return this.people.event(event);
    const before = this.store.get().agent;
    this.change((agent) => apply(agent, event, serverNow()));
    if (event.type === "chat.message") this.outbox.remove(event.message.id);
    if (event.type === "chat.accepted") void this.load(event.chat_id);
    if (event.type === "offer.withdrawn" && event.reason === "accepted_elsewhere") {
      this.notify(before, event.chat_id, "Somebody else has taken the chat that was offered to you.");
    }
    if (event.type === "offer.missed") {
      this.notify(before, event.chat_id, "You missed a chat; it is offered to others.");
    }
    if (event.type === "presence.changed") {
      this.presenceKnown(before?.presence ?? null, event.presence);
    }
    this.markRead();
  }

  /** Tells of an offer that went, unless its agent is to be left alone. */
  private notify(before: AgentState | null, chat_id: string, text: string): void {
    const offer = before?.offers.find((ringing) => ringing.chat_id === chat_id);
    const presence = this.store.get().agent?.presence;
    const quiet = offer !== undefined && presence && isQuiet(presence, offer.office_id);
    if (!quiet) this.alert(text);
  }

  /** Learns the names that a presence needs, and tells its agent what others have set for it. */
  private presenceKnown(before: Presence | null, now: Presence): void {
    const agent = this.store.get().agent!;
    const set = before && setByOther(before, now, agent.statuses, agent.offices);
    void this.names.find(actorsOf(now)).then(() => {
      if (set === null || this.store.get().agent?.me.id !== now.agent_id) return;
      this.alert(`${this.names.store.get()[set.agent_id] ?? "A colleague"} ${set.what}`);
    });
  }

  /** Reads a chat's history, unless it is there already, until it worked. */
  private async load(chat_id: string): Promise<void> {
    const { agent } = this.store.get();
    const generation = this.generation;
    const task = `${generation} ${chat_id}`;
    if (agent === null || agent.loaded.has(chat_id) || this.loading.has(task)) return;
    this.loading.add(task);
    try {
      const events = await loadEvents<AgentEvent>(this.rest, `/v1/chats/${chat_id}/events`);
      if (generation !== this.generation) return;
      for (const event of events) {
        if (event.type === "chat.message") this.outbox.remove(event.message.id);
      }
      this.change((current) => withHistory(current, chat_id, events));
      this.markRead();
    } catch (error) {
      if (generation !== this.generation || error instanceof SignedOut) return;
      if (error instanceof Problem && !error.passing) {
        this.alert(`The earlier messages can not be shown. ${explain(error)}`);
        this.change((current) => withHistory(current, chat_id, []));
      } else {
        setTimeout(() => void this.load(chat_id), HISTORY_RETRY_MS);
      }
    } finally {
      this.loading.delete(task);
    }
  }

  private async transmit(entry: Entry): Promise<void> {
    const { id, text } = entry;
    const chat_id = entry.chat_id!;
    const { message } = await this.socket.call<{ message: Message }>("chat.send", {
      chat_id,
      message: { id, text },
    });
    this.change((agent) => withAnswer(agent, chat_id, message));
  }

  private async command<Answer>(
    type: string,
    fields: object,
    done: (answer: Answer) => void = () => {},
  ): Promise<void> {
    try {
      done(await this.socket.call<Answer>(type, fields));
    } catch (error) {
      this.alert(explain(error));
    }
  }

  private presence(type: string, fields: object): Promise<void> {
    return this.command<{ presence: Presence }>(type, fields, ({ presence }) => {
      this.change((agent) => ({ ...agent, presence }));
    });
  }

  private tellActivity(): boolean {
    const open = this.store.get().connection.phase === "open";
    if (open) this.socket.call("activity", {}).catch(() => {});
    return open;
  }

  private tokenRenewed(token: string): void {
    // Without a socket the next hello carries the new token.
    this.socket.call("token.refresh", { token }).catch(() => {});
  }

  private teller(chat_id: string): TypingTeller {
    let teller = this.tellers.get(chat_id);
    if (teller === undefined) {
      teller = new TypingTeller((typing) => {
        this.socket.call("chat.typing", { chat_id, typing }).catch(() => {});
      });
      this.tellers.set(chat_id, teller);
    }
    return teller;
  }

  private markRead(): void {
    const { selected, agent, read } = this.store.get();
    const hidden = document.visibilityState !== "visible" || this.people.store.get().open;
    if (selected === null || agent === null || hidden) return;
    const last = agent.conversations[selected]?.messages.at(-1)?.seq ?? 0;
    if (last > (read[selected] ?? 0)) this.store.patch({ read: { ...read, [selected]: last } });
  }

  private change(change: (agent: AgentState) => AgentState): void {
    const { agent } = this.store.get();
    if (agent !== null) this.store.patch({ agent: change(agent) });
  }
}
