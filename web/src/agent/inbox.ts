// The views of the inbox: how many chats each has, and the chats of the one in view. The server has
// the lists; they are read anew when something may have changed, and every few seconds.

import type { Chat, Page } from "../shared/protocol";
import type { Rest } from "../shared/rest";
import { Problem, SignedOut } from "../shared/rest";
import { Store } from "../shared/store";
import { wholeChat } from "../shared/whole";
import { explain } from "../shared/words";

export const VIEWS = ["mine", "waiting", "offline", "all"] as const;
export type View = (typeof VIEWS)[number];

export const VIEW_WORDS: Record<View, string> = {
  mine: "Mine",
  waiting: "Waiting",
  offline: "Offline",
  all: "All",
};

/** The server counts no further. */
const COUNTED_TO = 1_000;
const PAGE = 30;
// Another agent's act may change a list without an event to this one.
const EVERY_MS = 8_000;
// Several events of one step ask once.
const SOON_MS = 250;

export interface InboxState {
  view: View;
  counts: Readonly<Record<View, number>> | null;
  /** The chats of the view, but for `mine`, which the snapshot has. `null` while they are read. */
  chats: readonly Chat[] | null;
  next_cursor: string | null;
  fault: string | null;
  /** A node of the release before has no views; one's own chats are there without them. */
  absent: boolean;
}

const START: InboxState = {
  view: "mine",
  counts: null,
  chats: null,
  next_cursor: null,
  fault: null,
  absent: false,
};

export class Inbox {
  readonly store = new Store<InboxState>(START);
  private run = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private soon: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly rest: Pick<Rest, "get">,
    /** Whether anybody looks. */
    private readonly watched: () => boolean,
  ) {}

  show(view: View): void {
    if (this.store.get().view === view) return;
    this.store.patch({ view, chats: null, next_cursor: null, fault: null });
    void this.refresh();
  }

  /** Something has happened that the lists may show. */
  touch(): void {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => void this.refresh(), SOON_MS);
  }

  stop(): void {
    this.run++;
    clearTimeout(this.timer);
    clearTimeout(this.soon);
    this.store.set(START);
  }

  async refresh(): Promise<void> {
    const run = ++this.run;
    clearTimeout(this.timer);
    clearTimeout(this.soon);
    try {
      if (this.watched()) await this.read(run);
    } catch (error) {
      if (error instanceof SignedOut) return;
      if (run === this.run && error instanceof Problem && error.status === 404) {
        // Another node may answer after the next connection.
        return this.store.set({ ...START, absent: true });
      }
      if (run === this.run) this.store.patch({ fault: explain(error) });
    }
    if (run === this.run) this.timer = setTimeout(() => void this.refresh(), EVERY_MS);
  }

  /** Reads on where the list ends. */
  async more(): Promise<void> {
    const { view, next_cursor } = this.store.get();
    if (next_cursor === null) return;
    const run = ++this.run;
    try {
      const page = await this.page(view, next_cursor);
      if (run !== this.run) return;
      const chats = joined(this.store.get().chats ?? [], page.data);
      this.store.patch({ chats, next_cursor: page.next_cursor, fault: null });
    } catch (error) {
      if (run === this.run) this.store.patch({ fault: explain(error) });
    }
    if (run === this.run) this.timer = setTimeout(() => void this.refresh(), EVERY_MS);
  }

  private async read(run: number): Promise<void> {
    const { view } = this.store.get();
    const [counts, page] = await Promise.all([
      this.rest.get<Record<View, number>>("/v1/chats/views"),
      view === "mine" ? null : this.page(view, null),
    ]);
    if (run !== this.run) return;
    if (page === null) return this.store.patch({ counts, fault: null, absent: false });
    const before = this.store.get().chats ?? [];
    const [chats, next_cursor] = renewed(before, this.store.get().next_cursor, page);
    this.store.patch({ counts, chats, next_cursor, fault: null, absent: false });
  }

  private async page(view: View, cursor: string | null): Promise<Page<Chat>> {
    const on = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const page = await this.rest.get<Page<Chat>>(`/v1/chats?view=${view}&limit=${PAGE}${on}`);
    return { ...page, data: page.data.map(wholeChat) };
  }
}

/** Appends a page; a chat that is on both is there once, as it was read last. */
export function joined(before: readonly Chat[], more: readonly Chat[]): Chat[] {
  const ids = new Set(more.map(({ id }) => id));
  return [...before.filter(({ id }) => !ids.has(id)), ...more];
}

/**
 * Replaces the beginning of a list by its first page as it is now. What was read beyond it stays:
 * the list must not jump back under somebody who reads on.
 */
export function renewed(
  before: readonly Chat[],
  cursor: string | null,
  page: Page<Chat>,
): [Chat[], string | null] {
  const last = page.data.at(-1);
  if (page.next_cursor === null || last === undefined) return [page.data, page.next_cursor];
  const fresh = new Set(page.data.map(({ id }) => id));
  const beyond = before.filter(
    ({ id, started_at }) => !fresh.has(id) && started_at < last.started_at,
  );
  return beyond.length === 0 ? [page.data, page.next_cursor] : [[...page.data, ...beyond], cursor];
}

export function countWords(count: number): string {
  return count >= COUNTED_TO ? `${COUNTED_TO.toLocaleString("en")}+` : String(count);
}
