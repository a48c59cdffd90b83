// Typing, told and heard. Told: at the first key, again every few seconds while it goes on, and once
// when it stops. Where the other side is shown what is not sent yet, it is told sooner, and last what
// stands there last. Heard: it ends by itself, since the frame that ends it may be lost.

import type { Author } from "./protocol";

const TELL_EVERY_MS = 3_000;
// A text that lags by more looks as if its writer had stopped.
const SHOW_EVERY_MS = 1_000;
const STOPPED_AFTER_MS = 4_000;
/** How long to believe that somebody types. */
export const HEARD_FOR_MS = 7_000;

/** Whether two authors are one and the same. */
export function isSame(one: Author, other: Author): boolean {
  if (one.kind !== "agent" || other.kind !== "agent") return one.kind === other.kind;
  return one.agent_id === other.agent_id;
}

export class TypingTeller {
  private told_at = 0;
  private text = "";
  private timer: ReturnType<typeof setTimeout> | undefined;
  private next: ReturnType<typeof setTimeout> | undefined;

  /** `shows` says whether the other side is shown the text at this moment. */
  constructor(
    private readonly tell: (typing: boolean, text: string) => void,
    private readonly shows: () => boolean = () => false,
  ) {}

  /** Called at each change of the text. */
  typed(text: string): void {
    if (text.trim() === "") return this.stop();
    this.text = text;
    const shows = this.shows();
    const left_ms = this.told_at + (shows ? SHOW_EVERY_MS : TELL_EVERY_MS) - Date.now();
    clearTimeout(this.next);
    if (left_ms <= 0) this.now();
    else if (shows) this.next = setTimeout(() => this.now(), left_ms);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.stop(), STOPPED_AFTER_MS);
  }

  stop(): void {
    clearTimeout(this.timer);
    clearTimeout(this.next);
    this.text = "";
    if (this.told_at === 0) return;
    this.told_at = 0;
    this.tell(false, "");
  }

  private now(): void {
    this.told_at = Date.now();
    this.tell(true, this.text);
  }
}
