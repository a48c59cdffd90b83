// What an offer is for, in words. Pure.

import type { Offer } from "../shared/protocol";

/** Returns why it rings, or `null` for a chat that simply waits. */
export function offerWords({ purpose, by }: Pick<Offer, "purpose" | "by">): string | null {
  const who = by?.name ?? "A colleague";
  switch (purpose) {
    case "answer":
      return null;
    case "transfer":
      return `${who} hands this chat over to you`;
    case "invite":
      return `${who} asks you to join`;
    case "assist":
      return `${who} asks for help`;
    default:
      // A purpose that is newer than this page.
      return null;
  }
}

/** Returns what to say when nobody has come into a chat. */
export function cameToNothing(purpose: string): string {
  switch (purpose) {
    case "invite":
      return "Nobody has joined: everybody who was asked has declined.";
    case "assist":
      return "Nobody could help at the moment.";
    default:
      return "Nobody has taken the chat. It stays with you.";
  }
}
