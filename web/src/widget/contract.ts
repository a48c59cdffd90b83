// What the launcher and the panel, two scripts, know of each other.

import type { Mode, OfficeMode } from "../shared/protocol";
import type { SiteIdentity } from "./site";

/** What the launcher gives the panel. */
export interface PanelHost {
  root: ShadowRoot;
  /** The server's origin. */
  base: string;
  /** The widget's public key. */
  key: string;
  /** Who the site says is here; `null` is nobody that it knows. A launcher of the release before says nothing. */
  identity?: SiteIdentity | null;
  /** How many messages the visitor has not seen. */
  onUnread(count: number): void;
  /** Whether there is a conversation to come back to, whatever the availability. */
  onInUse(in_use: boolean): void;
  onClose(): void;
}

export interface Panel {
  open(focus: boolean): void;
  close(): void;
  /** `offices` may be missing: for minutes after a release the launcher can be older than the panel. */
  setMode(mode: Mode, offices?: readonly OfficeMode[]): void;
  /** Takes a fresh token of the same person. */
  identify?(identity: SiteIdentity | null): void;
  /** Somebody else is here from now on: ends the connection and goes out of the page. */
  leave?(): void;
}

export interface PanelScript {
  mount(host: PanelHost): Panel;
}

/** The chat of this visitor, kept so that it survives a reload. */
export interface KeptChat {
  id: string;
  read_seq: number;
  closed_at: string | null;
}

type Place = "chat" | "visitor" | "outbox" | "open" | "visits" | "greeted" | "who";

/** What is one person's: its places begin with `placeKey` instead of the widget's key. */
export const PERSONAL = [
  ["localStorage", "chat"],
  ["localStorage", "visitor"],
  ["sessionStorage", "outbox"],
  ["sessionStorage", "open"],
] as const satisfies readonly (readonly ["localStorage" | "sessionStorage", Place])[];

/** Names the widget's places in the browser's storage. */
export function place(what: Place, key: string): string {
  return `deskbell.${what}.${key}`;
}

/** What a site's own scripts may call. */
export interface SiteApi {
  /** Says who is here now: the identity token of the person that has logged in, `null` after the log-out. */
  identify(token: string | null): void;
}

declare global {
  var DeskbellPanel: PanelScript | undefined;
  var Deskbell: SiteApi | undefined;
}
