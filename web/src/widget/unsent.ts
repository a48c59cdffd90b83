// What the visitor has written and not sent, where its tenant lets agents see it (rules, CHAT-9). Pure.

import type { VisitorChat } from "../shared/protocol";
import { clean } from "../shared/text";

// The server refuses more.
const CHARS_MAX = 2_000;

/** Whether somebody may see it; `shown` is what the server said last. A chat that waits has nobody who looks. */
export function isSeen(chat: VisitorChat | null, shown: boolean): boolean {
  return shown && chat?.state === "active";
}

/** Returns what the server takes of a text: of a long one the end, where its writer is. */
export function unsentText(text: string): string {
  return [...clean(text)].slice(-CHARS_MAX).join("");
}
