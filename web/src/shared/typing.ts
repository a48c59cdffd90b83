// Typing, told and heard. Told: at the first key, again every few seconds while it goes on, and once
// when it stops. Heard: it ends by itself, since the frame that ends it may be lost.

const TELL_EVERY_MS = 3_000;
const STOPPED_AFTER_MS = 4_000;
/** How long to believe that somebody types. */
export const HEARD_FOR_MS = 7_000;

export class TypingTeller {
  private told_at = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly tell: (typing: boolean) => void) {}

  /** Called at each change of the text. */
  typed(text: string): void {
    if (text.trim() === "") return this.stop();
    const now = Date.now();
    if (now - this.told_at >= TELL_EVERY_MS) {
      this.told_at = now;
      this.tell(true);
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.stop(), STOPPED_AFTER_MS);
  }

  stop(): void {
    clearTimeout(this.timer);
    if (this.told_at === 0) return;
    this.told_at = 0;
    this.tell(false);
  }
}
