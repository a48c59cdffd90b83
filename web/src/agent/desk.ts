// The agent page's one controller: it joins session, socket, state and outbox, and offers the views
// a store to read and verbs to call. It renders nothing.

import { serverNow } from "../shared/clock";
import { Uploads } from "../shared/files";
import { keep } from "../shared/keep";
import { MarkTeller } from "../shared/marks";
import { Outbox, type Entry } from "../shared/outbox";
import type {
  AgentEvent,
  AgentSnapshot,
  ContactProfile,
  Message,
  NewStatus,
  Note,
  Presence,
  ReadEvent,
} from "../shared/protocol";
import { Rest } from "../shared/rest";
import { Sender } from "../shared/sender";
import { hurryWhenBack, Socket, socketUrl, type ConnectionState } from "../shared/socket";
import { Store } from "../shared/store";
import { clean } from "../shared/text";
import { TypingTeller } from "../shared/typing";
import { explain } from "../shared/words";
import { ActivityTeller, watchPerson } from "./activity";
import { isQuiet, readBy } from "./attention";
import { Deeds, type ChatPatch } from "./deeds";
import { Inbox } from "./inbox";
import { Lists } from "./lists";
import { Names } from "./names";
import { cameToNothing } from "./offer-words";
import { People } from "./people";
import { actorsOf, setByOther } from "./presence";
import { Reading } from "./reading";
import { Session } from "./session";
import { Sounds } from "./sounds";
import {
  apply,
  calm,
  fromSnapshot,
  takesPart,
  withAnswer,
  withChat,
  withContact,
  withNoteAnswer,
  withoutEnded,
} from "./state";
import type { AgentState } from "./state";
import { Templates } from "./templates";

export interface Alert {
  id: number;
  text: string;
  /** The chat that it is about, if it can be looked at. */
  chat_id: string | null;
}

export interface DeskState {
  page: "starting" | "login" | "desk";
  /** Why the login form is shown, when it is not the first thing. */
  login_reason: string | null;
  connection: ConnectionState;
  agent: AgentState | null;
  selected: string | null;
  drafts: Readonly<Record<string, string>>;
  /** Whether what is known of a chat is shown beside it. */
  details: boolean;
  /** The last message seen of each chat. */
  read: Readonly<Record<string, number>>;
  alerts: readonly Alert[];
}

const START: DeskState = {
  page: "starting",
  login_reason: null,
  connection: { phase: "stopped", why: "left" },
  agent: null,
  selected: null,
  drafts: {},
  details: false,
  read: {},
  alerts: [],
};

// More than these would cover the page; the oldest gives way.
const ALERTS_MAX = 3;

// With these events a chat may become one of the agent's own.
const ENTERS = new Set([
  "chat.accepted",
  "chat.reopened",
  "chat.transferred",
  "chat.participant_joined",
]);
// What else the lists of the inbox may show.
const LISTED = new Set([
  "chat.closed",
  "chat.participant_left",
  "chat.requeued",
  "chat.overflowed",
  "chat.ringing",
  "queue.updated",
]);

/** Names the draft of a note. */
export function noteOf(chat_id: string): string {
  return `note ${chat_id}`;
}

export class Desk {
  readonly store = new Store<DeskState>(START);
  readonly outbox: Outbox;

  readonly names: Names;
  readonly people: People;
  readonly inbox: Inbox;
  readonly lists: Lists;
  readonly templates: Templates;
  readonly deeds: Deeds;
  readonly uploads: Uploads;
  readonly sounds = new Sounds();
  readonly rest = new Rest("", (renew) => this.session.token(renew));

  private readonly session = new Session((token) => this.tokenRenewed(token));
  private readonly socket: Socket<AgentSnapshot, AgentEvent>;
  private readonly sender: Sender;
  /** Whose messages the outbox holds: another agent must not send them. */
  private readonly owner = keep<string>("sessionStorage", "deskbell.agent.owner");
  private readonly details = keep<boolean>("localStorage", "deskbell.agent.details");
  private readonly activity = new ActivityTeller(() => this.tellActivity());
  private readonly reading: Reading;
  private readonly tellers = new Map<string, TypingTeller>();
  private readonly marks = new MarkTeller((chat_id, mark) =>
    this.socket.call("chat.read", { chat_id, ...mark }),
  );
  /** The chat that the server knows to be in view on this connection. */
  private focus: string | null = null;
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
        this.focus = null;
        this.markRead();
        void this.inbox.refresh();
      },
      onEvent: (event) => this.event(event),
      onState: (connection) => this.connection(connection),
    });
    this.names = new Names(this.rest);
    this.people = new People(this.socket, this.rest, this.names);
    this.reading = new Reading({
      rest: this.rest,
      agent: () => this.store.get().agent,
      selected: () => this.store.get().selected,
      isWatched: () => this.isWatched(),
      change: (change) => this.change(change),
      onRead: (events) => {
        for (const event of events) {
          if (event.type === "chat.message") this.outbox.remove(event.message.id);
        }
        this.markRead();
      },
      onGone: (chat_id, why) => {
        if (this.store.get().selected === chat_id) this.select(null);
        this.alert(why);
      },
      alert: (text) => this.alert(text),
    });
    this.inbox = new Inbox(this.rest, () => this.isWatched());
    this.lists = new Lists(this.rest);
    this.templates = new Templates(this.rest);
    this.deeds = new Deeds(this.socket);
    this.uploads = new Uploads({
      url: "/v1/files",
      token: (renew) => this.session.token(renew),
    });
    hurryWhenBack(this.socket);
    watchPerson(() => this.activity.acted(Date.now()));
    document.addEventListener("visibilitychange", () => {
      this.markRead();
      if (document.visibilityState === "visible" && this.store.get().page === "desk") {
        this.inbox.touch();
      }
    });
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
    return this.command("chat.accept", { chat_id, offer }, () => this.begin(chat_id));
  }

  reject(chat_id: string, offer: number, reason: string): Promise<void> {
    const why = reason === "" ? {} : { reason };
    return this.command("chat.reject", { chat_id, offer, ...why });
  }

  /** Takes a chat that waits, rings at others, or was left as a message. */
  take(chat_id: string): Promise<void> {
    return this.command("chat.accept", { chat_id }, () => this.begin(chat_id));
  }

  /** Shows a chat that is the agent's from now on, and where it is in the lists. */
  private begin(chat_id: string): void {
    this.inbox.show("mine");
    this.select(chat_id);
  }

  /** Learns what agents call a contact. */
  learnContact(profile: ContactProfile): void {
    this.change((agent) => withContact(agent, profile));
  }

  /** Runs a deed that has no dialog of its own: what is refused is said in an alert. */
  async run(deed: Promise<unknown>): Promise<boolean> {
    try {
      await deed;
      this.inbox.touch();
      return true;
    } catch (error) {
      this.alert(explain(error));
      return false;
    }
  }

  /** Changes what a chat is marked with; throws what the server refuses. */
  async update(chat_id: string, patch: ChatPatch): Promise<void> {
    const { chat } = await this.deeds.update(chat_id, patch);
    this.change((agent) => withChat(agent, chat));
  }

  async edit(chat_id: string, message_id: string, text: string): Promise<void> {
    await this.deeds.edit(chat_id, message_id, text);
  }

  select(chat_id: string | null): void {
    this.people.close();
    this.store.patch({ selected: chat_id });
    if (chat_id !== null) {
      void this.reading.load(chat_id);
      void this.reading.look(chat_id);
    }
    this.markRead();
  }

  toggleDetails(): void {
    const details = !this.store.get().details;
    this.store.patch({ details });
    this.details.write(details);
  }

  officeName(office_id: string): string {
    const offices = this.store.get().agent?.offices ?? [];
    return offices.find(({ id }) => id === office_id)?.name ?? "";
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
    this.draft(chat_id, text);
    this.teller(chat_id).typed(text);
  }

  /** Keeps a note that is being written, apart from what the visitor is to read. */
  writeNote(chat_id: string, text: string): void {
    this.draft(noteOf(chat_id), text);
  }

  /** Sends a text and the files that are ready, each as a message of its own. */
  send(chat_id: string, text: string): void {
    if (clean(text) !== "") this.outbox.add(chat_id, clean(text));
    for (const file of this.uploads.take(chat_id)) this.outbox.add(chat_id, "", { file });
    this.draft(chat_id, "");
    this.teller(chat_id).stop();
    this.sender.flush();
  }

  /** Tells the other agents something. */
  note(chat_id: string, text: string): void {
    this.outbox.add(chat_id, clean(text), { internal: true });
    this.draft(noteOf(chat_id), "");
    this.sender.flush();
  }

  attach(chat_id: string, files: Iterable<File>): void {
    const fault = this.uploads.add(chat_id, files);
    if (fault !== null) this.alert(fault);
  }

  private draft(key: string, text: string): void {
    this.store.patch({ drafts: { ...this.store.get().drafts, [key]: text } });
  }

  retry(id: string): void {
    this.outbox.retry(id);
    this.sender.flush();
  }

  alert(text: string, chat_id: string | null = null): void {
    const alerts = [...this.store.get().alerts, { id: ++this.alert_id, text, chat_id }];
    this.store.patch({ alerts: alerts.slice(-ALERTS_MAX) });
  }

  dismiss(id: number): void {
    const alerts = this.store.get().alerts.filter((alert) => alert.id !== id);
    this.store.patch({ alerts });
  }

  // What happens to the page.

  private enter(): void {
    const details = this.details.read() ?? false;
    this.store.patch({ page: "desk", login_reason: null, alerts: [], details });
    this.socket.start();
  }

  private leave(login_reason: string | null): void {
    this.reading.begin();
    this.session.forget();
    this.store.set({ ...START, page: "login", login_reason });
    this.people.reset();
    this.inbox.stop();
    this.lists.forget();
    this.uploads.clear();
    this.socket.stop();
  }

  private connection(connection: ConnectionState): void {
    if (this.store.get().page !== "desk") return;
    this.store.patch({ connection });
    const out = connection.phase === "stopped" && connection.why === "signed_out";
    if (out) this.leave("You have been logged out. Please log in again.");
  }

  private replace(snapshot: AgentSnapshot): void {
    this.reading.begin();
    if (this.owner.read() !== snapshot.me.id) {
      this.outbox.clear();
      this.marks.forget();
    }
    this.owner.write(snapshot.me.id);
    const before = this.store.get();
    const agent = fromSnapshot(snapshot, before.agent);
    const read = { ...before.read };
    for (const chat of snapshot.chats) read[chat.id] ??= readBy(snapshot.me.id, chat);
    this.store.patch({ agent, read });
    this.names.learn([snapshot.me]);
    for (const chat of snapshot.chats) this.names.learn(chat.agents);
    this.presenceKnown(before.agent?.presence ?? null, snapshot.presence);
    for (const chat of snapshot.chats) void this.reading.load(chat.id);
    if (snapshot.chats.length > 0) void this.reading.learnOwn();
    for (const offer of snapshot.offers) void this.reading.learn(offer.chat_id);
    if (before.selected !== null) {
      void this.reading.load(before.selected);
      void this.reading.look(before.selected);
    }
    // Of those that went while the page was away nobody has told yet where to.
    const here = new Set(snapshot.chats.map(({ id }) => id));
    for (const { id } of before.agent?.chats ?? []) if (!here.has(id)) void this.reading.look(id, false);
    this.lists.forget();
    this.markRead();
  }

  private event(event: AgentEvent): void {
    if (event.type === "presence.watched") return this.people.event(event);
    const before = this.store.get().agent;
    this.change((agent) => apply(agent, event, serverNow()));
    if (event.type === "chat.message") this.outbox.remove(event.message.id);
    if (event.type === "chat.read") this.readElsewhere(event);
    if (event.type === "offer.made") this.ring(event.office_id);
    if (ENTERS.has(event.type) && "chat_id" in event && this.isIn(event.chat_id)) {
      void this.reading.load(event.chat_id);
      void this.reading.learn(event.chat_id);
    }
    if (event.type === "offer.made") void this.reading.learn(event.chat_id);
    this.handedOver(event);
    if (event.type === "chat.reminder") this.sounds.play("reminder");
    const listed = event.type.startsWith("offer.") || LISTED.has(event.type);
    if (listed || ENTERS.has(event.type)) this.inbox.touch();
    if (event.type === "offer.withdrawn" && event.reason === "accepted_elsewhere") {
      this.notify(
        before,
        event.chat_id,
        "Somebody else has taken the chat that was offered to you.",
      );
    }
    if (event.type === "offer.missed") {
      this.notify(before, event.chat_id, "You missed a chat; it is offered to others.");
    }
    if (event.type === "presence.changed") {
      this.presenceKnown(before?.presence ?? null, event.presence);
    }
    this.markRead();
  }

  /** Tells of what others ask for, and of what has come to nothing. */
  private handedOver(event: AgentEvent): void {
    const me = this.store.get().agent?.me.id;
    if (event.type === "chat.assist_requested" && event.by.id !== me) {
      const note = event.note === null ? "" : ` “${event.note}”`;
      this.alert(`${event.by.name} asks for help.${note}`, event.chat_id);
      this.sounds.play("reminder");
    }
    if (event.type === "chat.hand_over_ended" && event.reason !== "cancelled") {
      if (this.isIn(event.chat_id)) this.alert(cameToNothing(event.purpose), event.chat_id);
    }
  }

  private ring(office_id: string): void {
    const presence = this.store.get().agent?.presence;
    if (presence !== undefined && !isQuiet(presence, office_id)) this.sounds.play("offer");
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

  private isIn(chat_id: string): boolean {
    const { agent } = this.store.get();
    return agent !== null && takesPart(agent, chat_id);
  }

  private isWatched(): boolean {
    return document.visibilityState === "visible" && this.store.get().connection.phase === "open";
  }

  private async transmit(entry: Entry): Promise<void> {
    const { id, text, file } = entry;
    const chat_id = entry.chat_id!;
    if (entry.internal === true) {
      const { note } = await this.socket.call<{ note: Note }>("chat.note", {
        chat_id,
        note: { id, text },
      });
      return this.change((agent) => withNoteAnswer(agent, chat_id, note));
    }
    const said = text === "" ? {} : { text };
    const message = { id, ...said, ...(file?.id == null ? {} : { file_id: file.id }) };
    const answer = await this.socket.call<{ message: Message }>("chat.send", { chat_id, message });
    this.change((agent) => withAnswer(agent, chat_id, answer.message));
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

  /** What was read in another window is not new in this one. */
  private readElsewhere({ chat_id, reader, read_seq }: ReadEvent): void {
    const { agent, read } = this.store.get();
    if (reader.kind !== "agent" || reader.agent_id !== agent?.me.id) return;
    if (read_seq > (read[chat_id] ?? 0)) this.store.patch({ read: { ...read, [chat_id]: read_seq } });
  }

  private markRead(): void {
    const { selected, agent, read } = this.store.get();
    const hidden = document.visibilityState !== "visible" || this.people.store.get().open;
    this.tellMarks(hidden ? null : selected);
    this.tellFocus(hidden || agent === null || !takesPart(agent, selected ?? "") ? null : selected);
    if (selected === null || agent === null || hidden) return;
    if (agent.reminded.has(selected)) {
      this.change((current) => ({ ...current, reminded: calm(current, selected) }));
    }
    const last = agent.conversations[selected]?.messages.at(-1)?.seq ?? 0;
    if (last > (read[selected] ?? 0)) this.store.patch({ read: { ...read, [selected]: last } });
  }

  /** Tells of its own chats what has come, and of the one in view what was read (CHAT-9). */
  private tellMarks(in_view: string | null): void {
    const { agent, connection } = this.store.get();
    if (agent === null || connection.phase !== "open") return;
    for (const chat of agent.chats) {
      // Who only reads along leaves no mark.
      if (!chat.agents.some(({ id }) => id === agent.me.id)) continue;
      const last = agent.conversations[chat.id]?.messages.at(-1)?.seq ?? 0;
      this.marks.tell(chat.id, chat.id === in_view ? last : 0, last);
    }
  }

  /** Tells which chat is in view: in that one nobody needs to be reminded (CHAT-8). */
  private tellFocus(chat_id: string | null): void {
    if (chat_id === this.focus || this.store.get().connection.phase !== "open") return;
    this.focus = chat_id;
    this.socket.call("focus", { chat_id }).catch(() => {});
  }

  private change(change: (agent: AgentState) => AgentState): void {
    const { agent } = this.store.get();
    if (agent !== null) this.store.patch({ agent: change(agent) });
  }
}
