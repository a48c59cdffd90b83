// Reads chats over REST: the history of those at hand, and those of others while they are looked at,
// of which no event tells.

import { loadEvents } from "../shared/history";
import type { AgentEvent, Chat, ChatWithRecord, Page } from "../shared/protocol";
import { Problem, type Rest, SignedOut } from "../shared/rest";
import { explain } from "../shared/words";
import { takesPart, withHistory, withLooked, withRead, type AgentState } from "./state";

const RETRY_MS = 3_000;
const LOOK_EVERY_MS = 4_000;
// As many as a page of the server's lists has; who has more chats reads the others' names with their details.
const OWN_MAX = 200;

export interface ReadingHost {
  rest: Rest;
  /** What the page knows, or `null` before the first snapshot. */
  agent(): AgentState | null;
  selected(): string | null;
  /** Whether somebody looks at the page. */
  isWatched(): boolean;
  change(change: (agent: AgentState) => AgentState): void;
  /** Hears of events that were read. */
  onRead(events: readonly AgentEvent[]): void;
  /** A chat can not be looked at, or not any more. */
  onGone(chat_id: string, why: string): void;
  alert(text: string): void;
}

export class Reading {
  private readonly loading = new Set<string>();
  /** The last event that was read of each chat. */
  private readonly places = new Map<string, number>();
  private generation = 0;

  constructor(private readonly host: ReadingHost) {
    setInterval(() => void this.lookAgain(), LOOK_EVERY_MS);
  }

  /** The state is another one: what is under way does not count any more. */
  begin(): void {
    this.generation++;
  }

  /** Reads a chat's history, unless it is there already, until it worked. */
  async load(chat_id: string): Promise<void> {
    const agent = this.host.agent();
    const { generation } = this;
    const task = `${generation} ${chat_id}`;
    if (agent === null || agent.loaded.has(chat_id) || this.loading.has(task)) return;
    this.loading.add(task);
    try {
      await this.read(chat_id, 0);
    } catch (error) {
      if (generation !== this.generation || error instanceof SignedOut) return;
      if (error instanceof Problem && !error.passing) {
        this.host.alert(`The earlier messages can not be shown. ${explain(error)}`);
        this.host.change((current) => withHistory(current, chat_id, []));
      } else {
        setTimeout(() => void this.load(chat_id), RETRY_MS);
      }
    } finally {
      this.loading.delete(task);
    }
  }

  /** Reads a chat in which the agent takes no part. */
  async look(chat_id: string, tells = true): Promise<void> {
    const agent = this.host.agent();
    if (agent === null || takesPart(agent, chat_id)) return;
    const { generation } = this;
    try {
      const chat = await this.host.rest.get<Chat>(`/v1/chats/${chat_id}`);
      if (generation === this.generation) this.host.change((now) => withLooked(now, chat));
    } catch (error) {
      if (generation !== this.generation || !(error instanceof Problem) || error.passing) return;
      if (tells) this.host.onGone(chat_id, explain(error));
    }
  }

  /**
   * Learns what agents know of who asks in a chat that rings or has come to the agent: no event tells.
   * Without it the page shows what the form said.
   */
  async learn(chat_id: string): Promise<void> {
    await this.learnFrom(async () => [await this.host.rest.get<ChatWithRecord>(`/v1/chats/${chat_id}`)]);
  }

  /** The same for all chats of the agent's own, in one request. */
  async learnOwn(): Promise<void> {
    const path = `/v1/chats?view=mine&limit=${OWN_MAX}`;
    await this.learnFrom(async () => (await this.host.rest.get<Page<Chat>>(path)).data);
  }

  private async learnFrom(read: () => Promise<Chat[]>): Promise<void> {
    const { generation } = this;
    // What failed is learnt when the chat's details are opened.
    const chats = await read().catch((): Chat[] => []);
    if (generation !== this.generation) return;
    this.host.change((now) => chats.reduce((known, chat) => withRead(known, chat), now));
  }

  /** Reads on in a chat that is looked at, while somebody does. */
  private async lookAgain(): Promise<void> {
    const agent = this.host.agent();
    const chat_id = this.host.selected();
    if (agent === null || chat_id === null || !this.host.isWatched()) return;
    if (takesPart(agent, chat_id) || !agent.loaded.has(chat_id)) return;
    const state = agent.looked[chat_id]?.state;
    if (state === undefined || state === "closed") return;
    // What failed is read the next time.
    const some = await this.read(chat_id, this.places.get(chat_id) ?? 0).catch(() => false);
    if (some) await this.look(chat_id);
  }

  /** Returns whether there was anything. */
  private async read(chat_id: string, after: number): Promise<boolean> {
    const { generation } = this;
    const path = `/v1/chats/${chat_id}/events`;
    const events = await loadEvents<AgentEvent>(this.host.rest, path, after);
    if (generation !== this.generation) return false;
    const last = events.at(-1);
    if (last !== undefined && "seq" in last) this.places.set(chat_id, last.seq);
    this.host.change((current) => withHistory(current, chat_id, events));
    this.host.onRead(events);
    return events.length > 0;
  }
}
