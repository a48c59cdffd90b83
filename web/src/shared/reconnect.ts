// When and whether to connect again. Pure, so that the schedule can be tested without a socket.

/** What to do after a socket has closed. A `firm` wait was asked for by the server. */
export type Plan =
  | { kind: "wait"; delay_ms: number; firm: boolean }
  | { kind: "renew_token" }
  | { kind: "stop"; why: "forbidden" | "client_fault" };

const FIRST_MS = 1_000;
const LONGEST_MS = 15_000;
// The server called this client too fast: nothing sooner than this.
const TOO_MANY_FRAMES_MS = 10_000;

/**
 * Returns the delay before the given attempt (0 is the first): 0.5 to 1 s, then twice that, up to
 * 15 s. Half of it is random, so that the clients of a restarted server do not come back at once.
 */
export function reconnectDelay(attempt: number, random: number): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
  return Math.round(longest / 2 + (random * longest) / 2);
}

/** Returns what the close code of the protocol's section 6 asks for. */
export function planAfterClose(
  code: number,
  reason: string,
  attempt: number,
  random: number,
): Plan {
  const delay_ms = reconnectDelay(attempt, random);
  switch (code) {
    case 1003:
    case 1009:
      return { kind: "stop", why: "client_fault" };
    case 4003:
      return { kind: "stop", why: "forbidden" };
    case 4001:
      return { kind: "renew_token" };
    case 1012:
      return { kind: "wait", delay_ms: retryAfter(reason) ?? delay_ms, firm: true };
    case 4029:
      return { kind: "wait", delay_ms: Math.max(delay_ms, TOO_MANY_FRAMES_MS), firm: true };
    default:
      return { kind: "wait", delay_ms, firm: false };
  }
}

function retryAfter(reason: string): number | null {
  const match = /^retry_after_ms=(\d{1,8})$/.exec(reason);
  return match === null ? null : Number(match[1]);
}
