// What the launcher and the panel, two scripts, know of each other.

import type { Mode, OfficeMode } from "../shared/protocol";

/** What the launcher gives the panel. */
export interface PanelHost {
  root: ShadowRoot;
  /** The server's origin. */
  base: string;
  /** The widget's public key. */
  key: string;
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

/** Names the widget's places in the browser's storage. */
export function place(
  what: "chat" | "visitor" | "outbox" | "open" | "visits" | "greeted",
  key: string,
): string {
  return `deskbell.${what}.${key}`;
}

declare global {
  var DeskbellPanel: PanelScript | undefined;
}
