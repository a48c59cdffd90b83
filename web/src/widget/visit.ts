// The widget's one controller: it joins identity, socket, state and outbox, and offers the panel's
// views a store to read and verbs to call. It renders nothing.

import { serverNow } from "../shared/clock";
import { Uploads } from "../shared/files";
import { loadEvents } from "../shared/history";
import { newId } from "../shared/id";
import { keep, type Keep } from "../shared/keep";
import { MarkTeller } from "../shared/marks";
import { Outbox, type Entry } from "../shared/outbox";
import type {
  Button,
  FileCard,
  Message,
  Mode,
  OfficeMode,
  Page,
  Said,
  VisitorChat,
  VisitorEvent,
  VisitorSnapshot,
  WidgetConfig,
} from "../shared/protocol";
import { Problem, Rest, SignedOut } from "../shared/rest";
import { Sender } from "../shared/sender";
import { hurryWhenBack, Refused, Socket, socketUrl, type ConnectionState } from "../shared/socket";
import { Store } from "../shared/store";
import { clean } from "../shared/text";
import { TypingTeller } from "../shared/typing";
import { explain, fieldFaults } from "../shared/words";
import { place, type KeptChat, type PanelHost } from "./contract";
import type { FieldValues } from "./fields";
import { Identity, isUnrecognised, type KeptVisitor } from "./identity";
import { placeKey, whileHere, type SiteIdentity } from "./site";
import {
  apply,
  currentChat,
  fromSnapshot,
  isOver,
  NO_CHATS,
  unwarned,
  withAnswer,
  withChat,
  withEnded,
  withHistory,
  type VisitorState,
} from "./state";
import { isSeen, unsentText } from "./unsent";

export interface VisitState {
  open: boolean;
  mode: Mode;
  /** What the last poll has told of the widget's offices. */
  offices: readonly OfficeMode[];
  config: WidgetConfig | null;
  connection: ConnectionState;
  visitor: VisitorState;
  /** An earlier page left a chat; whether it is still open is not known yet. */
  expecting: boolean;
  draft: string;
  /** Whether agents are shown what is not sent yet. */
  shows_unsent: boolean;
  /** What stands in the form of the start, and what the server said of its fields. */
  form: FieldValues;
  faults: Readonly<Record<string, string>>;
  /** Something the visitor should know, in a sentence. */
  note: string | null;
}

const RETRY_MS = 3_000;
const HISTORY_PAGE = 30;
// The visitor has one box to write in, so its files need no chat to be told apart.
const FILES = "";
// An ended chat can be read again for a day.
const ENDED_KEPT_MS = 24 * 3600 * 1000;
// A visitor without an open chat needs no socket; this long it may still think of something.
const IDLE_MS = 60_000;
// A start that was not answered is looked for among so many newest chats.
const LOOK_BACK = 5;

export class Visit {
  readonly store: Store<VisitState>;
  readonly outbox: Outbox;
  readonly uploads: Uploads;
  /** What is known of the visitor before it says anything. */
  readonly answers: FieldValues;

  private readonly chat_place: Keep<KeptChat>;
  private readonly identity: Identity;
  private readonly rest: Rest;
  private readonly socket: Socket<VisitorSnapshot, VisitorEvent>;
  private readonly sender: Sender;
  private readonly teller: TypingTeller;
  private readonly marks = new MarkTeller((chat_id, mark) =>
    this.socket.call("chat.read", { chat_id, ...mark }),
  );
  private readonly loading = new Set<string>();
  private generation = 0;
  private unrecognised = false;
  private left = false;
  private idle_timer: ReturnType<typeof setTimeout> | undefined;
  private offline_attempt = { body: "", id: "" };

  constructor(private readonly host: PanelHost) {
    const { base, key, identity = null } = host;
    const own = placeKey(key, identity);
    const token = (renew: boolean): Promise<string> => this.token(renew);
    const mine = <T>(kept: Keep<T>): Keep<T> => whileHere(kept, () => this.left);
    this.chat_place = mine(keep<KeptChat>("localStorage", place("chat", own)));
    this.outbox = new Outbox(mine(keep("sessionStorage", place("outbox", own))));
    const kept_visitor = mine(keep<KeptVisitor>("localStorage", place("visitor", own)));
    this.identity = new Identity(base, key, identity, kept_visitor, () => this.forgetChat());
    this.answers = identity?.answers ?? {};
    this.rest = new Rest(base, token);
    this.uploads = new Uploads({ url: `${base}/v1/visitor/files`, token });
    this.sender = new Sender(
      this.outbox,
      (entry) => this.transmit(entry),
      (entry, error) => this.refused(entry, error),
    );
    this.socket = new Socket<VisitorSnapshot, VisitorEvent>({
      url: socketUrl(base, "/v1/visitor/ws"),
      token,
      onSnapshot: (snapshot) => this.replace(snapshot),
      onReady: () => this.sender.flush(),
      onEvent: (event) => this.event(event),
      onState: (connection) => this.store.patch({ connection }),
    });
    this.store = new Store<VisitState>({
      open: false,
      mode: "hidden",
      offices: [],
      config: null,
      connection: this.socket.state,
      visitor: NO_CHATS,
      expecting: false,
      draft: "",
      shows_unsent: false,
      form: this.answers,
      faults: {},
      note: null,
    });
    this.teller = new TypingTeller(
      (typing, text) => void this.tellTyping(typing, text),
      () => this.isSeen(),
    );
    this.store.watch(() => this.tellHost());
    this.outbox.store.watch(() => this.tellHost());
    document.addEventListener("visibilitychange", this.markRead);
    hurryWhenBack(this.socket);
    this.takeUp();
  }

  /** The server's origin. */
  get base(): string {
    return this.host.base;
  }

  // What the visitor does.

  open(): void {
    this.store.patch({ open: true });
    if (this.store.get().config === null) void this.loadConfig();
    // Whom the site knows may have begun a chat on another device.
    if (this.identity.known) this.socket.start();
    this.markRead();
  }

  close(): void {
    this.store.patch({ open: false });
  }

  /** Takes a fresh token of the person that is here. */
  identify(identity: SiteIdentity | null): void {
    if (identity === null) return;
    this.identity.refresh(identity);
    if (!this.unrecognised) return;
    this.unrecognised = false;
    this.store.patch({ note: null });
    this.socket.stop();
    this.socket.start();
  }

  /** Ends for good: somebody else is here, who gets a visit of its own. */
  leave(): void {
    this.left = true;
    this.generation++;
    clearTimeout(this.idle_timer);
    document.removeEventListener("visibilitychange", this.markRead);
    this.socket.stop();
  }

  setMode(mode: Mode, offices: readonly OfficeMode[]): void {
    this.store.patch({ mode, offices });
  }

  /** Keeps what stands in the form of the start. */
  fill(form: FieldValues): void {
    this.store.patch({ form });
  }

  write(draft: string): void {
    this.store.patch({ draft });
    this.teller.typed(draft);
  }

  /** Sends to the open chat, or starts one. `fields` go with a start only. */
  send(text: string, fields?: Record<string, string>): void {
    // A chat that has ended goes on with what is said soon after; later it begins another one.
    const chat = currentChat(this.store.get().visitor);
    const chat_id = chat === null || chat.state === "offline_message" ? null : chat.id;
    if (clean(text) !== "") {
      const more = chat_id === null && fields !== undefined ? { fields } : {};
      this.outbox.add(chat_id, clean(text), more);
    }
    for (const file of this.uploads.take(FILES)) this.outbox.add(chat_id, "", { file });
    this.store.patch({ draft: "", note: null });
    this.teller.stop();
    this.socket.start();
    this.sender.flush();
  }

  attach(files: Iterable<File>): void {
    this.store.patch({ note: this.uploads.add(FILES, files) });
  }

  /** Answers by a button of an agent's message. */
  press(message: Message, button: Button): void {
    const chat = this.openChat();
    if (chat === null) return;
    const pressed = { message_id: message.id, button_id: button.id };
    this.outbox.add(chat.id, button.text, { button: pressed });
    this.socket.start();
    this.sender.flush();
  }

  async edit(message: Message, text: string): Promise<void> {
    const chat_id = this.openChat()?.id;
    await this.socket.call("chat.edit", { chat_id, message_id: message.id, text });
  }

  async delete(message: Message): Promise<void> {
    const chat_id = this.openChat()?.id;
    await this.socket.call("chat.delete", { chat_id, message_id: message.id });
  }

  retry(id: string): void {
    this.outbox.retry(id);
    this.socket.start();
    this.sender.flush();
  }

  async endChat(): Promise<void> {
    const chat = this.openChat();
    if (chat === null) return;
    try {
      await this.socket.call("chat.end", { chat_id: chat.id });
    } catch (error) {
      this.store.patch({ note: explain(error) });
    }
  }

  /** Waits no longer; without an address the one counts that was given at the start. */
  async askByEmail(chat_id: string, email: string): Promise<void> {
    const to = email === "" ? {} : { email };
    // Nobody who comes back to a chat that became a message has a socket.
    await this.rest.post(`/v1/visitor/chats/${chat_id}/ask-by-email`, to);
    const { ended } = this.store.get().visitor;
    if (ended?.id !== chat_id) return;
    this.change((visitor) => withEnded(visitor, { ...ended, has_email: true }));
    this.settle();
  }

  /** Reads what was said in earlier chats, the newest page first. */
  history(before: string | null, limit = HISTORY_PAGE): Promise<Page<Said>> {
    const until = before === null ? "" : `&before=${encodeURIComponent(before)}`;
    return this.rest.get<Page<Said>>(`/v1/visitor/history?limit=${limit}${until}`);
  }

  /** What was said in a chat, as a text; throws what `rest.ts` throws. */
  transcript(chat_id: string): Promise<string> {
    return this.rest.text(`/v1/visitor/chats/${chat_id}/transcript`);
  }

  /** Says how good a chat was; throws what the server refuses. */
  async rate(chat_id: string, score: number, comment: string): Promise<void> {
    const said = comment === "" ? {} : { comment };
    await this.rest.post(`/v1/visitor/chats/${chat_id}/rating`, { score, ...said });
  }

  /** Puts the ended chat away. */
  startAgain(): void {
    const ended = this.store.get().visitor.ended;
    for (const entry of this.outbox.entries) {
      if (entry.chat_id === ended?.id) this.outbox.remove(entry.id);
    }
    this.forgetChat();
    this.store.patch({ note: null });
  }

  /** Leaves a message for later; throws what `rest.ts` throws. */
  async leaveMessage(fields: Record<string, string>, text: string): Promise<void> {
    // The same message keeps its id, so that trying again after a lost answer makes one.
    const body = JSON.stringify([fields, text]);
    if (this.offline_attempt.body !== body) this.offline_attempt = { body, id: newId() };
    const { id } = this.offline_attempt;
    const message = { id, text: clean(text) };
    await this.rest.post(
      "/v1/visitor/offline-messages",
      { fields, message },
      { idempotency_key: id },
    );
    this.offline_attempt = { body: "", id: "" };
    this.store.patch({ draft: "", note: null });
  }

  // What happens to the widget.

  private async token(renew: boolean): Promise<string> {
    try {
      return await this.identity.token(renew);
    } catch (error) {
      if (isUnrecognised(error)) {
        this.unrecognised = true;
        this.store.patch({
          note: "The chat can not tell who you are any more. Please reload the page.",
        });
      }
      throw error;
    }
  }

  /** Takes up what an earlier page has left. */
  private takeUp(): void {
    const kept = this.chat_place.read();
    if (kept?.closed_at != null) {
      if (Date.now() - Date.parse(kept.closed_at) > ENDED_KEPT_MS) this.chat_place.write(null);
      else void this.loadEnded(kept.id);
    }
    const expected = kept !== null && kept.closed_at === null;
    this.store.patch({ expecting: expected });
    if (expected || this.outbox.entries.length > 0) this.socket.start();
  }

  private replace(snapshot: VisitorSnapshot): void {
    this.generation++;
    this.change((visitor) => fromSnapshot(snapshot, visitor));
    this.store.patch({ expecting: false, shows_unsent: snapshot.shows_unsent_text === true });
    for (const chat of snapshot.chats) void this.load(chat.id);
    const kept = this.chat_place.read();
    const gone = kept !== null && !snapshot.chats.some((chat) => chat.id === kept.id);
    if (gone && snapshot.chats.length === 0) void this.loadEnded(kept.id);
    this.settle();
  }

  private event(event: VisitorEvent): void {
    this.change((visitor) => apply(visitor, event, serverNow()));
    this.acknowledge(event);
    if (["chat.queued", "chat.accepted", "chat.reopened"].includes(event.type)) {
      void this.load(event.chat_id);
    }
    this.settle();
  }

  /** Keeps what has to survive a reload in step with the state. */
  private settle(): void {
    const chat = currentChat(this.store.get().visitor);
    if (chat !== null) {
      const before = this.chat_place.read();
      const kept = before?.id === chat.id ? before : null;
      const read_seq = kept?.read_seq ?? 0;
      const is_left = chat.state === "offline_message";
      // What became a message is over here from then on.
      const over = is_left ? (kept?.closed_at ?? new Date().toISOString()) : null;
      const place = { id: chat.id, read_seq, closed_at: chat.closed_at ?? over };
      // What is answered by email is not come back to here, but to say where.
      this.chat_place.write(is_left && chat.has_email !== false ? null : place);
    }
    this.markRead();
    clearTimeout(this.idle_timer);
    if (this.openChat() === null) {
      this.idle_timer = setTimeout(() => {
        if (this.openChat() === null && this.outbox.entries.length === 0) this.socket.stop();
      }, IDLE_MS);
    }
  }

  private async loadConfig(): Promise<void> {
    try {
      const path = `/v1/widget/${encodeURIComponent(this.host.key)}/config`;
      this.store.patch({ config: await new Rest(this.host.base).get<WidgetConfig>(path) });
    } catch (error) {
      const lasting = error instanceof Problem && !error.passing;
      if (lasting) this.store.patch({ note: explain(error) });
      else setTimeout(() => void this.loadConfig(), RETRY_MS);
    }
  }

  /** Reads a chat's history, unless it is there already, until it worked. */
  private async load(chat_id: string): Promise<void> {
    const generation = this.generation;
    const task = `${generation} ${chat_id}`;
    if (this.store.get().visitor.loaded.has(chat_id) || this.loading.has(task)) return;
    this.loading.add(task);
    try {
      const path = `/v1/visitor/chats/${chat_id}/events`;
      const events = await loadEvents<VisitorEvent>(this.rest, path);
      if (generation !== this.generation) return;
      this.change((visitor) => withHistory(visitor, chat_id, events));
      events.forEach((event) => this.acknowledge(event));
      this.markRead();
    } catch (error) {
      if (generation !== this.generation || error instanceof SignedOut) return;
      const lasting = error instanceof Problem && !error.passing;
      if (lasting) this.change((visitor) => withHistory(visitor, chat_id, []));
      else setTimeout(() => void this.load(chat_id), RETRY_MS);
    } finally {
      this.loading.delete(task);
    }
  }

  /** Shows a chat that ended while the visitor was away. */
  private async loadEnded(chat_id: string): Promise<void> {
    try {
      const chat = await this.rest.get<VisitorChat>(`/v1/visitor/chats/${chat_id}`);
      if (!isOver(chat) || this.openChat() !== null) return;
      this.change((visitor) => withEnded(visitor, chat));
      await this.load(chat_id);
      this.settle();
    } catch (error) {
      if (error instanceof Problem && error.status === 404) this.forgetChat();
    }
  }

  /** Takes a message that the server has off the outbox; one that started a chat tells which. */
  private acknowledge(event: VisitorEvent): void {
    if (event.type !== "chat.message") return;
    const { id } = event.message;
    const entry = this.outbox.entries.find((waiting) => waiting.id === id);
    if (entry === undefined) return;
    this.outbox.remove(id);
    if (entry.chat_id === null) this.outbox.adopt(event.chat_id);
  }

  private async transmit(entry: Entry): Promise<void> {
    const { chat_id } = entry;
    if (chat_id === null) return this.startChat(entry);
    const { message } = await this.socket.call<{ message: Message }>("chat.send", {
      chat_id,
      message: messageOf(entry),
    });
    this.change((visitor) => withAnswer(visitor, chat_id, message));
  }

  private async startChat(entry: Entry): Promise<void> {
    const open = this.openChat();
    if (open !== null && !entry.sent) {
      // Another tab has started one meanwhile.
      this.outbox.adopt(open.id);
      return this.transmit({ ...entry, chat_id: open.id });
    }
    // Started before, the answer lost: the server may have the chat. Starting again could make two.
    let chat = entry.sent ? await this.findStarted(entry.id) : null;
    if (chat === null) {
      const { id, fields } = entry;
      this.outbox.markSent(id);
      const answer = await this.socket.call<{ chat: VisitorChat }>("chat.start", {
        ...(fields === undefined ? {} : { fields }),
        message: messageOf(entry),
      });
      chat = answer.chat;
    }
    const started = chat;
    const enter = started.state === "closed" ? withEnded : withChat;
    this.change((visitor) => enter(visitor, started));
    // The message is shown from the history, before it leaves the outbox.
    await this.load(started.id);
    this.outbox.remove(entry.id);
    this.outbox.adopt(started.id);
    this.settle();
  }

  private async findStarted(message_id: string): Promise<VisitorChat | null> {
    const newest = await this.rest.get<Page<VisitorChat>>(`/v1/visitor/chats?limit=${LOOK_BACK}`);
    for (const chat of newest.data) {
      const path = `/v1/visitor/chats/${chat.id}/events`;
      const events = await loadEvents<VisitorEvent>(this.rest, path);
      const found = events.some((e) => e.type === "chat.message" && e.message.id === message_id);
      if (found) return chat;
    }
    return null;
  }

  /** Turns a start that found nobody into a draft for the form, and what came too late into a start. */
  private refused(entry: Entry, error: Error): boolean {
    if (error instanceof Refused && error.code === "chat_closed" && entry.button === undefined) {
      return this.startFrom(entry);
    }
    if (entry.chat_id !== null || !(error instanceof Refused)) return false;
    const faults = fieldFaults(error);
    if (Object.keys(faults).some((name) => name in (entry.fields ?? {}))) {
      return this.askAgain(faults);
    }
    if (error.code !== "not_live") return false;
    const mode = error.members["mode"];
    this.store.patch({
      mode: mode === "hidden" ? "hidden" : "messenger",
      draft: this.takeBack(),
      note: "Nobody is there any more. Your message was not sent yet.",
    });
    return true;
  }

  /** Shows the form of the start once more, with what the server said of its fields. */
  private askAgain(faults: Record<string, string>): boolean {
    this.store.patch({ draft: this.takeBack(), faults, note: "Please check the form." });
    return true;
  }

  /** Takes what did not start a chat off the outbox and returns its text. */
  private takeBack(): string {
    const unsent = this.outbox.entries.filter((waiting) => waiting.chat_id === null);
    for (const waiting of unsent) this.outbox.remove(waiting.id);
    return unsent.map((waiting) => waiting.text).join("\n");
  }

  /** Begins a chat with what was to go on with one that is over for good. */
  private startFrom(entry: Entry): boolean {
    if (entry.chat_id !== this.store.get().visitor.ended?.id) return false;
    for (const { id, chat_id, text, file, button } of this.outbox.entries) {
      if (chat_id !== entry.chat_id || button !== undefined) continue;
      if (id !== entry.id) this.outbox.remove(id);
      this.outbox.add(null, text, file === undefined ? {} : { file });
    }
    this.forgetChat();
    // The lane of the chat that is over ends with the entry; this one begins after it.
    queueMicrotask(() => this.sender.flush());
    return true;
  }

  private forgetChat(): void {
    this.chat_place.write(null);
    this.change((visitor) => withEnded(visitor, null));
  }

  private openChat(): VisitorChat | null {
    const chat = currentChat(this.store.get().visitor);
    return chat === null || isOver(chat) ? null : chat;
  }

  /** Whether somebody sees what the visitor has not sent. */
  private isSeen(): boolean {
    return isSeen(this.openChat(), this.store.get().shows_unsent);
  }

  /** The answer says whether the text is shown by now: it is sent only after the visitor was told. */
  private async tellTyping(typing: boolean, text: string): Promise<void> {
    const chat = this.openChat();
    if (chat === null) return;
    if (typing) this.change((visitor) => unwarned(visitor, chat.id));
    const seen = typing && this.isSeen() ? { text: unsentText(text) } : {};
    try {
      const told = { chat_id: chat.id, typing, ...seen };
      const answer = await this.socket.call<{ shows_unsent_text?: boolean }>("chat.typing", told);
      const shows_unsent = answer.shows_unsent_text === true;
      if (shows_unsent !== this.store.get().shows_unsent) this.store.patch({ shows_unsent });
    } catch {
      // The next one tells as much.
    }
  }

  private readonly markRead = (): void => {
    const { open, visitor } = this.store.get();
    const kept = this.chat_place.read();
    const chat = currentChat(visitor);
    const last = chat === null ? 0 : (visitor.conversations[chat.id]?.messages.at(-1)?.seq ?? 0);
    const seen = open && document.visibilityState === "visible";
    if (chat !== null && !isOver(chat) && this.socket.state.phase === "open") {
      this.marks.tell(chat.id, seen ? last : 0, last);
    }
    if (kept !== null && kept.id === chat?.id && seen) {
      if (last > kept.read_seq) this.chat_place.write({ ...kept, read_seq: last });
    }
    this.tellHost();
  };

  private tellHost(): void {
    const { visitor } = this.store.get();
    const chat = currentChat(visitor);
    const read = this.chat_place.read()?.read_seq ?? 0;
    const messages = chat === null ? [] : (visitor.conversations[chat.id]?.messages ?? []);
    const unread = messages.filter((m) => m.seq > read && m.author.kind !== "visitor");
    this.host.onUnread(unread.length);
    this.host.onInUse(this.openChat() !== null || this.outbox.entries.length > 0);
  }

  private change(change: (visitor: VisitorState) => VisitorState): void {
    this.store.patch({ visitor: change(this.store.get().visitor) });
  }
}

/** Returns what the server is sent of an entry: a text, a file or a press. */
function messageOf({ id, text, file, button }: Entry): object {
  if (button !== undefined) return { id, button };
  const said = text === "" ? {} : { text };
  return { id, ...said, ...fileOf(file) };
}

function fileOf(file: FileCard | undefined): object {
  return file?.id == null ? {} : { file_id: file.id };
}
