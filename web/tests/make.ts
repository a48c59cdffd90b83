// Objects of the protocol for tests, with what a test does not care about filled in.

import type {
  AgentSnapshot,
  Chat,
  Message,
  MessageEvent,
  Offer,
  OfficeMode,
  OfficePresence,
  Presence,
  VisitorChat,
  WatchedAgent,
} from "../src/shared/protocol";

const AT = "2026-03-01T09:30:00.000Z";
const CONTACT = { id: "contact-1", name: null, email: null, fields: {} };

export function message(seq: number, fields: Partial<Message> = {}): Message {
  return {
    id: `m-${seq}`,
    seq,
    author: { kind: "visitor" },
    text: `text ${seq}`,
    content: [],
    buttons: [],
    button: null,
    notice: null,
    sent_at: AT,
    edited_at: null,
    deleted: false,
    ...fields,
  };
}

export function said(chat_id: string, event_seq: number, seq: number): MessageEvent {
  return { type: "chat.message", seq: event_seq, at: AT, chat_id, message: message(seq) };
}

export function chat(id: string, fields: Partial<Chat> = {}): Chat {
  return {
    id,
    state: "active",
    office_id: "office-1",
    queue_id: "queue-1",
    contact: CONTACT,
    agents: [{ id: "agent-1", name: "Agent One" }],
    last_seq: 0,
    started_at: AT,
    accepted_at: AT,
    closed_at: null,
    close_reason: null,
    participants: [],
    hand_over: null,
    missed_targets: [],
    score: null,
    important: false,
    tag_ids: [],
    disposition_ids: [],
    fields: {},
    priority: 0,
    ...fields,
  };
}

export function visitorChat(id: string, fields: Partial<VisitorChat> = {}): VisitorChat {
  return {
    id,
    state: "waiting",
    office_id: "office-1",
    position: 1,
    estimated_wait_s: null,
    score: null,
    agents: [],
    last_seq: 0,
    started_at: AT,
    closed_at: null,
    close_reason: null,
    ...fields,
  };
}

export function offer(chat_id: string, number: number): Offer {
  return {
    chat_id,
    offer: number,
    agent_id: "agent-1",
    state: "ringing",
    made_at: AT,
    expires_at: null,
    waiting_since: AT,
    office_id: "office-1",
    queue: { id: "queue-1", name: "Sales" },
    contact: CONTACT,
    purpose: "answer",
    by: null,
    note: null,
  };
}

const SYSTEM = { kind: "system" } as const;

export function presence(fields: Partial<Presence> = {}): Presence {
  return {
    agent_id: "agent-1",
    status: "offline",
    status_id: null,
    status_set_at: AT,
    status_set_by: SYSTEM,
    effective: "offline",
    reason: "initial",
    since: AT,
    by: SYSTEM,
    offices: [],
    pause: null,
    wanted: null,
    seated: true,
    leased: false,
    paid: true,
    over_limit_since: null,
    ...fields,
  };
}

export function inOffice(office_id: string, fields: Partial<OfficePresence> = {}): OfficePresence {
  return {
    office_id,
    effective: "online",
    reason: "chosen",
    since: AT,
    by: SYSTEM,
    override: null,
    ...fields,
  };
}

/** A line that is repeated without its name. */
export function unnamed(id: string, fields: Partial<WatchedAgent> = {}): WatchedAgent {
  return {
    id,
    status: "online",
    effective: "online",
    reason: "chosen",
    since: AT,
    load: 0,
    ...fields,
  };
}

export function line(id: string, name: string, fields: Partial<WatchedAgent> = {}): WatchedAgent {
  return { ...unnamed(id, fields), name, role: "agent", capacity: 4 };
}

export function officeMode(id: string, fields: Partial<OfficeMode> = {}): OfficeMode {
  return { id, name: "Support", mode: "live", valid_until: null, opens_at: null, ...fields };
}

export function snapshot(fields: Partial<AgentSnapshot> = {}): AgentSnapshot {
  return {
    me: {
      id: "agent-1",
      name: "Agent One",
      email: "one@example.com",
      role: "agent",
      capacity: 4,
      created_at: AT,
    },
    presence: presence(),
    offices: [],
    statuses: [],
    pauses: [],
    queues: [],
    offers: [],
    chats: [],
    wrap_ups: [],
    ...fields,
  };
}

export const at = AT;
