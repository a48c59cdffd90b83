// Messages that the server has not answered yet. Each keeps its id until it is answered, so sending
// it again can not make a second one. Kept over a reload if given a place to keep them.

import { newId } from "./id";
import type { Keep } from "./keep";
import type { ButtonRef, FileCard } from "./protocol";
import { Store } from "./store";

export interface Entry {
  readonly id: string;
  /** `null`: the message starts a chat, or follows one that does. */
  readonly chat_id: string | null;
  /** What it says; of a file alone empty, of a button that was pressed what stands on it. */
  readonly text: string;
  /** A file that was uploaded for it. */
  readonly file?: FileCard;
  readonly button?: ButtonRef;
  /** It is for the agents alone. */
  readonly internal?: true;
  /** Fields of the contact, given with the message that starts a chat. */
  readonly fields?: Readonly<Record<string, string>>;
  /** It went out at least once without an answer, so the server may know it. */
  readonly sent: boolean;
  /** Why the server refused it, in plain words; `null` while it is pending. */
  readonly refused: string | null;
}

export class Outbox {
  readonly store: Store<readonly Entry[]>;

  constructor(private readonly place: Keep<readonly Entry[]> | null = null) {
    this.store = new Store<readonly Entry[]>(place?.read() ?? []);
  }

  get entries(): readonly Entry[] {
    return this.store.get();
  }

  add(
    chat_id: string | null,
    text: string,
    more: Pick<Entry, "fields" | "file" | "button" | "internal"> = {},
  ): Entry {
    const entry: Entry = { id: newId(), chat_id, text, ...more, sent: false, refused: null };
    this.write([...this.entries, entry]);
    return entry;
  }

  /** Returns the first pending message of a chat. */
  next(chat_id: string | null): Entry | undefined {
    return this.entries.find((entry) => entry.chat_id === chat_id && entry.refused === null);
  }

  /** Returns the chats that have something pending. */
  lanes(): (string | null)[] {
    const pending = this.entries.filter((entry) => entry.refused === null);
    return [...new Set(pending.map((entry) => entry.chat_id))];
  }

  markSent(id: string): void {
    this.change(id, { sent: true });
  }

  refuse(id: string, reason: string): void {
    this.change(id, { refused: reason });
  }

  retry(id: string): void {
    this.change(id, { refused: null });
  }

  /** Takes a message out: it was answered, seen in an event, or given up by its author. */
  remove(id: string): void {
    if (this.entries.some((entry) => entry.id === id)) {
      this.write(this.entries.filter((entry) => entry.id !== id));
    }
  }

  /** Gives the messages that waited for a chat to that chat. */
  adopt(chat_id: string): void {
    if (this.entries.some((entry) => entry.chat_id === null)) {
      this.write(
        this.entries.map((entry) => (entry.chat_id === null ? { ...entry, chat_id } : entry)),
      );
    }
  }

  clear(): void {
    this.write([]);
  }

  private change(id: string, fields: Partial<Entry>): void {
    this.write(this.entries.map((entry) => (entry.id === id ? { ...entry, ...fields } : entry)));
  }

  private write(entries: readonly Entry[]): void {
    this.store.set(entries);
    this.place?.write(entries.length === 0 ? null : entries);
  }
}
