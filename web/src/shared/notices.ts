// What has happened to who is in a chat, in words. Pure.

import type { What } from "./conversation";

/** Returns a sentence; `name` is whose doing it is, if it is told. */
export function toldWords(what: What, name: string | null): string {
  const who = name ?? "Somebody";
  switch (what) {
    case "transferred":
      return name === null ? "The chat was handed over." : `${who} goes on with the chat.`;
    case "came":
      return `${who} has joined.`;
    case "helps":
      return `${who} reads along and helps.`;
    case "left":
      return `${who} has left.`;
    case "requeued":
      return "The chat waits for another agent.";
    case "reopened":
      return "The chat goes on.";
  }
}

/** Returns who came in at once, as the service says it of one who comes later. */
export function joinedWords(names: readonly string[]): string {
  return `${names.join(" and ")} ${names.length === 1 ? "has" : "have"} joined.`;
}
