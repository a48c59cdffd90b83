// Tells the server how far this side has got in a chat: only what has risen, since every mark that
// rises is written.

import type { ReadMark } from "./protocol";
import { Refused } from "./socket";

/** What is known of whoever has told nothing yet. */
export const UNREAD: ReadMark = { read_seq: 0, delivered_seq: 0 };

/** The last message that was read, and the last that has come. */
export interface Mark {
  seq?: number;
  delivered?: number;
}

interface Told {
  seq: number;
  delivered: number;
}

export class MarkTeller {
  private readonly told = new Map<string, Told>();

  constructor(private readonly call: (chat_id: string, mark: Mark) => Promise<unknown>) {}

  /** Both are numbers of messages; 0 is none. What was read has come. */
  tell(chat_id: string, seq: number, delivered: number): void {
    const before = this.told.get(chat_id) ?? { seq: 0, delivered: 0 };
    const mark: Mark = {};
    if (seq > before.seq) mark.seq = seq;
    if (delivered > Math.max(before.delivered, before.seq, seq)) mark.delivered = delivered;
    if (mark.seq === undefined && mark.delivered === undefined) return;
    const now = {
      seq: Math.max(before.seq, seq),
      delivered: Math.max(before.delivered, seq, delivered),
    };
    this.told.set(chat_id, now);
    this.call(chat_id, mark).catch((error) => {
      // What got lost on the way is told again; what was refused is not.
      const lost = !(error instanceof Refused) && this.told.get(chat_id) === now;
      if (lost) this.told.set(chat_id, before);
    });
  }

  /** Another one is at work here now. */
  forget(): void {
    this.told.clear();
  }
}
