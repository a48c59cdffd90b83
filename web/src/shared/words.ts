// Errors and states in plain words, for people.

import { Problem, SignedOut, Unreachable } from "./rest";
import { Disconnected, Refused, type ConnectionState } from "./socket";

const BY_CODE: Record<string, string> = {
  already_in_chat: "This agent is in the chat already.",
  banned: "You can not chat here.",
  disposition_required: "Select an outcome first.",
  file_too_large: "This file is too large.",
  file_type_mismatch: "This file is not what its name says.",
  hand_over_pending: "This chat is being handed over already.",
  image_too_large: "This picture has too many pixels.",
  image_unreadable: "This picture can not be read.",
  last_agent: "You are the last one in this chat. Close it, or hand it over.",
  link_expired: "This link has expired. Please reload the page.",
  message_deleted: "This message was deleted.",
  message_fixed: "This message can not be changed.",
  nobody_available: "Nobody there can take it now.",
  not_in_wrap_up: "You are done with this chat already.",
  not_waiting: "This chat does not wait any more.",
  nothing_to_rate: "Nobody has answered in this chat.",
  no_hand_over: "The chat is not being handed over any more.",
  not_answering: "You only read along in this chat.",
  not_author: "Only its author can change this message.",
  storage_full: "There is no room for more files.",
  unknown_button: "This button can not be pressed any more.",
  unknown_message: "This message is not there any more.",
  at_capacity: "You have as many chats as your limit allows. Close one first.",
  bad_credentials: "The company, email or password is wrong.",
  chat_closed: "The chat is closed.",
  chat_full: "This chat has as many messages as a chat can hold.",
  forbidden: "You may not do this.",
  message_id_taken: "This message could not be sent. Please write it again.",
  limit_reached: "There are as many of these as there may be.",
  not_a_member: "You are not a member of this queue.",
  not_found: "This is not there any more.",
  not_live: "Nobody is there at the moment.",
  not_paused: "The pause has ended already.",
  not_participant: "You are not part of this chat.",
  offer_gone: "This chat is no longer offered to you.",
  origin_not_allowed: "This chat may not be used on this site.",
  queue_full: "Too many people are waiting at the moment. Please try again later.",
  rate_limited: "That was too fast. Please wait a moment.",
  rating_closed: "This chat can not be rated any more.",
  session_revoked: "You have been logged out.",
  status_forbids_chats: "Your status has no part in chats. Choose another one first.",
  to_yourself: "You have this chat already.",
  token_expired: "Your login has expired.",
  token_invalid: "Your login is no longer valid.",
  too_large: "This is too big to send.",
  too_many_open_chats: "You have too many open chats. Please end one first.",
  unauthenticated: "Please log in.",
  unavailable: "The server can not do this at the moment. Please try again.",
};

/** Returns a sentence for any error that `rest.ts` or `socket.ts` throws. */
export function explain(error: unknown): string {
  if (error instanceof Problem || error instanceof Refused) {
    const known = BY_CODE[error.code];
    if (known !== undefined) return known;
    const faults = error.errors.map((fault) => `${fault.pointer.slice(1)}: ${fault.detail}`);
    if (faults.length > 0) return faults.join("; ");
    return error.message === "" ? "The server refused this." : `${sentence(error.message)}`;
  }
  if (error instanceof Unreachable) return "The server can not be reached. Please try again.";
  if (error instanceof Disconnected) {
    return "The connection was lost before an answer came. Please try again.";
  }
  if (error instanceof SignedOut) return "Please log in again.";
  return "Something went wrong on this page. Please reload it.";
}

/** Returns what the server says of single fields, by their names; those of a form are under `/fields`. */
export function fieldFaults(error: unknown): Record<string, string> {
  if (!(error instanceof Problem) && !(error instanceof Refused)) return {};
  const faults = error.errors.flatMap(({ pointer, detail }) => {
    const match = /^(?:\/fields)?\/([^/]+)$/.exec(pointer);
    return match === null ? [] : [[nameIn(match[1]!), sentence(detail)] as const];
  });
  return Object.fromEntries(faults);
}

/** Undoes what a JSON pointer does to a name (RFC 6901). */
function nameIn(pointer: string): string {
  return pointer.replaceAll("~1", "/").replaceAll("~0", "~");
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1) + (text.endsWith(".") ? "" : ".");
}

/** Returns a sentence for the state of the connection, or `null` while all is well. */
export function connectionWords(state: ConnectionState, now_ms: number): string | null {
  switch (state.phase) {
    case "open":
      return null;
    case "connecting":
      return "Connecting…";
    case "waiting": {
      const seconds = Math.max(0, Math.ceil((state.retry_at - now_ms) / 1000));
      return seconds > 1 ? `No connection. Next attempt in ${seconds} s.` : "No connection.";
    }
    case "stopped":
      return STOPPED[state.why];
  }
}

const STOPPED = {
  left: "Not connected.",
  signed_out: "Logged out.",
  forbidden: "The server does not allow a connection from this site.",
  client_fault: "The connection failed. Please reload the page.",
} as const;
