// Asks the server whether somebody is there, as often as it says. The browser's own cache keeps the
// `ETag` and sends `If-None-Match`: setting that header here would cost a preflight on other sites.

import type { Availability } from "../shared/protocol";

const DEFAULT_POLL_S = 30;
const SHORTEST_POLL_S = 1;
// After errors: doubled each time, up to this.
const LONGEST_RETRY_S = 300;
// The next change that is known is asked for this much after it, spread over as much again.
const AFTER_CHANGE_MS = 500;

/** Returns when to ask again: as told, or sooner when a change is known to come sooner. */
export function nextPollMs(answer: Availability, now_ms: number, random: number): number {
  const told = Number.isFinite(answer.poll_after_s) ? answer.poll_after_s : DEFAULT_POLL_S;
  // Up to a tenth later, so that pages opened at once do not ask at once for ever.
  const poll_ms = Math.max(SHORTEST_POLL_S, told) * 1000 * (1 + random / 10);
  const change_ms = answer.valid_until === null ? NaN : Date.parse(answer.valid_until) - now_ms;
  // In the past: this clock is wrong, or the change has just been told.
  if (!(change_ms > 0)) return Math.round(poll_ms);
  return Math.round(Math.min(poll_ms, change_ms + AFTER_CHANGE_MS * (1 + random)));
}

export function retryPollMs(failures: number, retry_after_s: number | null): number {
  const doubled = Math.min(LONGEST_RETRY_S, DEFAULT_POLL_S * 2 ** Math.min(failures - 1, 10));
  return 1000 * Math.max(doubled, retry_after_s ?? 0);
}

/** Calls `onAnswer` with each answer, for ever, or until the server says that it is pointless. */
export function watchAvailability(url: string, onAnswer: (answer: Availability) => void): void {
  let failures = 0;
  let due = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const wait = (delay_ms: number): void => {
    due = Date.now() + delay_ms;
    timer = setTimeout(() => void poll(), delay_ms);
  };

  const poll = async (): Promise<void> => {
    // Nobody looks; the page asks when somebody does.
    if (document.hidden) return;
    try {
      const response = await fetch(url, { cache: "no-cache", credentials: "omit" });
      if (response.ok) {
        failures = 0;
        const answer = (await response.json()) as Availability;
        onAnswer(answer);
        return wait(nextPollMs(answer, Date.now(), Math.random()));
      }
      if (response.status === 403 || response.status === 404) {
        console.warn("deskbell: the widget key is unknown, or not meant for this site");
        return;
      }
      const retry_after = Number(response.headers.get("retry-after") ?? NaN);
      return wait(retryPollMs(++failures, Number.isFinite(retry_after) ? retry_after : null));
    } catch {
      wait(retryPollMs(++failures, null));
    }
  };

  document.addEventListener("visibilitychange", () => {
    if (document.hidden || due === 0) return;
    clearTimeout(timer);
    wait(Math.max(0, due - Date.now()));
  });

  if (document.hidden) due = 1;
  void poll();
}
