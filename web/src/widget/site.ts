// Who looks at the page, as the site that embeds the widget says. The token is the server's to check;
// here it only tells one person from another, so that nobody is shown what is somebody else's.

import { keep, type Keep } from "../shared/keep";
import { PERSONAL, place } from "./contract";

/** What a site has signed of a visitor. */
export interface SiteIdentity {
  /** Goes to the server as it is. */
  readonly token: string;
  /** Whom it names. */
  readonly subject: string;
  /** What it says of the name and the address: stands in forms until the visitor says otherwise. */
  readonly answers: Readonly<Record<string, string>>;
}

/** Reads a site's token; one that can not be read is somebody of its own, and the server says what is wrong with it. */
export function readIdentity(token: string | null | undefined): SiteIdentity | null {
  if (token == null || token === "") return null;
  const claims = claimsOf(token) ?? {};
  const answers: Record<string, string> = {};
  for (const name of ["name", "email"]) {
    const answer = claims[name];
    if (typeof answer === "string") answers[name] = answer;
  }
  const { sub } = claims;
  return { token, subject: typeof sub === "string" ? sub : token, answers };
}

function claimsOf(token: string): Record<string, unknown> | null {
  try {
    const part = (token.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/");
    const bytes = Uint8Array.from(atob(part), (char) => char.charCodeAt(0));
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof claims === "object" ? (claims as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** Names the part of the storage that one person has in one widget. */
export function placeKey(key: string, identity: SiteIdentity | null): string {
  return identity === null ? key : `${key}.${encodeURIComponent(identity.subject)}`;
}

/**
 * Takes note of who is here now. What the browser keeps of whoever was here before is removed: a token
 * that opens a chat, and the messages that were not sent.
 */
export function enter(key: string, identity: SiteIdentity | null): void {
  const who = keep<string>("localStorage", place("who", key));
  const now = placeKey(key, identity);
  const before = who.read() ?? key;
  if (before !== now) {
    for (const [area, what] of PERSONAL) keep(area, place(what, before)).write(null);
  }
  // Nobody that is known is the rule and needs no note.
  who.write(identity === null ? null : now);
}

/** A place that is nobody's any more once somebody has left: what comes late is not kept. */
export function whileHere<T>(place: Keep<T>, left: () => boolean): Keep<T> {
  return {
    read: () => (left() ? null : place.read()),
    write(value) {
      if (!left()) place.write(value);
    },
  };
}
