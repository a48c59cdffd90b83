// Whether this visitor is offered a greeting: asks the server when the widget is live and closed, and
// tells the launcher what to show. A greeting that was opened or dismissed stays away for the session.

import type { Availability, Greeting, GreetingAnswer, GreetingQuestion } from "../shared/protocol";

// A page that is seen longer after the last one than this begins another visit.
const VISIT_ENDS_AFTER_MS = 30 * 60 * 1000;
// The server takes no longer addresses and no larger numbers.
const ADDRESS_BYTES_MAX = 4096;
const NUMBER_MAX = 2 ** 31 - 1;
// A timer beyond this would fire at once.
const TIMER_MS_MAX = 2 ** 31 - 1;
const LANGUAGE = /^(?=.{1,35}$)[a-z0-9]+(-[a-z0-9]+)*$/i;

/** The visits of this browser to the widget's pages. */
export interface Visits {
  count: number;
  /** When a page was last seen. */
  seen_ms: number;
  /** What led to the visit that goes on; empty for nothing. */
  referrer: string;
}

/** Counts a page that was just opened. Storage may hold anything, so it is not believed. */
export function countVisit(kept: Visits | null, now_ms: number, referrer: string): Visits {
  const earlier = Math.floor(Number(kept?.count));
  const count = earlier >= 1 && earlier < NUMBER_MAX ? earlier : 0;
  const since_ms = now_ms - Number(kept?.seen_ms);
  const goes_on = count > 0 && since_ms >= 0 && since_ms < VISIT_ENDS_AFTER_MS;
  if (!goes_on) return { count: count + 1, seen_ms: now_ms, referrer };
  return { count, seen_ms: now_ms, referrer: String(kept?.referrer ?? "") };
}

/** Cuts an address to what the server takes. */
export function cut(address: string): string {
  const bytes = new TextEncoder().encode(address);
  if (bytes.length <= ADDRESS_BYTES_MAX) return address;
  // In the middle of a character a replacement stands, of three bytes; so it is cut off.
  const whole = new TextDecoder().decode(bytes.subarray(0, ADDRESS_BYTES_MAX));
  return whole.replace(/\uFFFD$/, "");
}

export function question(
  visits: Visits,
  url: string,
  on_page_ms: number,
  language: string,
): GreetingQuestion {
  const seconds = Math.floor(Math.max(0, on_page_ms) / 1000);
  return {
    url: cut(url),
    time_on_page_s: Math.min(seconds, NUMBER_MAX),
    visits: visits.count,
    ...(visits.referrer === "" ? {} : { referrer: cut(visits.referrer) }),
    ...(LANGUAGE.test(language) ? { language } : {}),
  };
}

/** What the greeter needs of the page; a test hands in its own. */
export interface GreeterHost {
  ask(question: GreetingQuestion): Promise<GreetingAnswer>;
  show(greeting: Greeting | null): void;
  now_ms(): number;
  url(): string;
  language: string;
  visits: Visits;
  /** Whether a greeting was opened or dismissed in this session. */
  answered: { read(): boolean | null; write(value: boolean | null): void };
}

export class Greeter {
  private opened_ms: number;
  private url: string;
  private live = "";
  private quiet = false;
  private asked = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly host: GreeterHost) {
    this.opened_ms = host.now_ms();
    this.url = host.url();
  }

  /** The poll's answer, after each poll: what it tells of who is there, and a chance to see that the page is another. */
  availability(answer: Availability): void {
    const url = this.host.url();
    const moved = url !== this.url;
    if (moved) {
      this.url = url;
      this.opened_ms = this.host.now_ms();
    }
    // Who is there and how many wait changes often, and is no reason to ask again.
    const modes = answer.offices.map(({ id, mode }) => [id, mode]);
    const live = answer.mode === "live" ? JSON.stringify(modes) : "";
    if (live === this.live && !moved) return;
    this.live = live;
    this.begin();
  }

  /** The widget is open, or the visitor has a chat: nobody is greeted meanwhile. */
  keepQuiet(quiet: boolean): void {
    if (quiet === this.quiet) return;
    this.quiet = quiet;
    this.begin();
  }

  /** The visitor has opened the greeting, or does not want it. */
  answer(): void {
    this.host.answered.write(true);
    this.begin();
  }

  /** Something has changed: what was asked before does not count any more. */
  private begin(): void {
    this.asked++;
    clearTimeout(this.timer);
    void this.ask(this.asked);
  }

  private async ask(asked: number): Promise<void> {
    if (this.live === "" || this.quiet || this.host.answered.read() === true) {
      this.host.show(null);
      return;
    }
    const { visits, language } = this.host;
    const on_page_ms = this.host.now_ms() - this.opened_ms;
    let answer: GreetingAnswer = { greeting: null, retry_after_s: null };
    try {
      answer = await this.host.ask(question(visits, this.url, on_page_ms, language));
    } catch {
      // Nothing that a visitor misses; the next change asks again.
    }
    if (asked !== this.asked) return;
    this.host.show(answer.greeting);
    const wait_s = answer.retry_after_s;
    if (answer.greeting !== null || wait_s === null) return;
    const wait_ms = Math.min(TIMER_MS_MAX, Math.max(1, wait_s) * 1000);
    this.timer = setTimeout(() => void this.ask(asked), wait_ms);
  }
}
