// Sends what is in the outbox: one message of a chat at a time, so that a message that has to wait
// is not overtaken by the next. A lost connection leaves everything pending; `flush` on the next
// connection sends it again under the same id.

import type { Entry, Outbox } from "./outbox";
import { Problem, SignedOut, Unreachable } from "./rest";
import { Disconnected, Refused } from "./socket";
import { explain } from "./words";

// After "later, please"; long enough to matter, short enough to be watched.
const PAUSE_MS = 2_000;

export class Sender {
  private readonly busy = new Set<string | null>();

  constructor(
    private readonly outbox: Outbox,
    /** Resolves when the server has answered and the answer was applied. */
    private readonly transmit: (entry: Entry) => Promise<void>,
    /** Hears of a refusal; returns true when it has dealt with the message itself. */
    private readonly onRefused: (entry: Entry, error: Error) => boolean = () => false,
  ) {}

  flush(): void {
    for (const lane of this.outbox.lanes()) void this.drain(lane);
  }

  private async drain(lane: string | null): Promise<void> {
    if (this.busy.has(lane)) return;
    this.busy.add(lane);
    try {
      for (;;) {
        const entry = this.outbox.next(lane);
        if (entry === undefined || !(await this.attempt(entry))) break;
      }
    } finally {
      this.busy.delete(lane);
    }
    // A message that started a chat has moved those behind it to that chat's lane.
    if (lane === null && this.outbox.next(null) === undefined) this.flush();
  }

  /** Returns whether to go on with the next message. */
  private async attempt(entry: Entry): Promise<boolean> {
    try {
      await this.transmit(entry);
      this.outbox.remove(entry.id);
      return true;
    } catch (error) {
      if (error instanceof Disconnected || error instanceof SignedOut) return false;
      const passing =
        error instanceof Unreachable ||
        ((error instanceof Refused || error instanceof Problem) && error.passing);
      if (passing) {
        setTimeout(() => this.flush(), PAUSE_MS);
        return false;
      }
      const handled = this.onRefused(entry, error as Error);
      if (handled) this.outbox.remove(entry.id);
      else this.outbox.refuse(entry.id, explain(error));
      return true;
    }
  }
}
