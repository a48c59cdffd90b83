import { describe, expect, test } from "vitest";
import { apply, fromSnapshot, withHistory, type AgentState } from "../src/agent/state";
import type { AgentEvent } from "../src/shared/protocol";
import { at, chat, inOffice, offer, presence, said, snapshot } from "./make";

const NOW = 1_000;
const after = (state: AgentState, ...events: AgentEvent[]): AgentState =>
  events.reduce((changed, event) => apply(changed, event, NOW), state);

describe("the agent's state after events", () => {
  const start = fromSnapshot(snapshot(), null);
  const made: AgentEvent = { type: "offer.made", seq: 1, at, ...offer("chat-1", 1) };
  const accepted: AgentEvent = {
    type: "chat.accepted",
    seq: 3,
    at,
    chat_id: "chat-1",
    chat: chat("chat-1", { last_seq: 1 }),
    agent: { id: "agent-1", name: "Agent One" },
  };
  const closed: AgentEvent = {
    type: "chat.closed",
    seq: 9,
    at,
    chat_id: "chat-1",
    reason: "visitor_ended",
    by: { kind: "visitor" },
  };

  test("an offer enters as a snapshot would hold it", () => {
    expect(after(start, made).offers).toEqual([offer("chat-1", 1)]);
  });

  test.each(["offer.accepted", "offer.rejected", "offer.missed", "offer.withdrawn"] as const)(
    "%s takes the offer away",
    (type) => {
      const gone: AgentEvent = { type, seq: 2, at, chat_id: "chat-1", offer: 1, agent_id: "agent-1" };
      expect(after(start, made, gone).offers).toEqual([]);
    },
  );

  test("the end of an earlier offer leaves the later one of the same chat", () => {
    const again: AgentEvent = { type: "offer.made", seq: 4, at, ...offer("chat-1", 2) };
    const missed: AgentEvent = {
      type: "offer.missed",
      seq: 5,
      at,
      chat_id: "chat-1",
      offer: 1,
      agent_id: "agent-1",
    };
    expect(after(start, again, missed).offers.map((ringing) => ringing.offer)).toEqual([2]);
  });

  test("an accepted chat enters, counts its messages, and leaves with its close", () => {
    const open = after(start, made, accepted, said("chat-1", 5, 2));
    expect(open.chats).toEqual([chat("chat-1", { last_seq: 2 })]);

    const over = after(open, closed);
    expect(over.chats).toEqual([]);
    expect(over.ended).toMatchObject([{ id: "chat-1", close_reason: "visitor_ended" }]);
  });

  test("history and live messages merge", () => {
    const live = after(start, accepted, said("chat-1", 7, 3));
    const history = [said("chat-1", 1, 1), said("chat-1", 5, 2), said("chat-1", 7, 3)];
    const { conversations, loaded } = withHistory(live, "chat-1", history);
    expect(conversations["chat-1"]?.messages.map((m) => m.seq)).toEqual([1, 2, 3]);
    expect(loaded.has("chat-1")).toBe(true);
  });

  test("a message ends the typing", () => {
    const typing: AgentEvent = {
      type: "chat.typing",
      at,
      chat_id: "chat-1",
      author: { kind: "visitor" },
      typing: true,
    };
    const types = after(start, accepted, typing);
    expect(types.typing["chat-1"]?.until).toBeGreaterThan(NOW);
    expect(after(types, said("chat-1", 5, 2)).typing).toEqual({});
  });

  test("presence is replaced whole", () => {
    const away = presence({ status: "away", effective: "away", offices: [inOffice("office-1")] });
    const changed: AgentEvent = { type: "presence.changed", seq: 2, at, presence: away };
    expect(after(start, changed)).toEqual(fromSnapshot(snapshot({ presence: away }), null));
  });

  test("an office takes the mode that its visitors see now", () => {
    const offices = [
      { id: "office-1", name: "Prague", mode: "live" },
      { id: "office-2", name: "Brno", mode: "hidden" },
    ] as const;
    const held = fromSnapshot(snapshot({ offices: [...offices] }), null);
    const shows = (office_id: string): AgentEvent => {
      const office = { office_id, mode: "messenger", reason: "nobody_online", since: at } as const;
      return { type: "availability.changed", seq: 2, at, office };
    };
    const fresh = snapshot({ offices: [{ ...offices[0], mode: "messenger" }, offices[1]] });
    expect(after(held, shows("office-1"))).toEqual(fromSnapshot(fresh, null));
    expect(after(held, shows("office-9"))).toEqual(held);
  });

  test("an agent in a chat is seen as what its card says", () => {
    const seen = (chat_id: string): AgentEvent => {
      const agent = { id: "agent-1", name: "Agent One", status: "away" } as const;
      return { type: "chat.agent_seen", seq: 4, at, chat_id, agent };
    };
    const two = { id: "agent-2", name: "Two", status: "online" } as const;
    const one = { id: "agent-1", name: "Agent One", status: "online" } as const;
    const held = fromSnapshot(snapshot({ chats: [chat("chat-1", { agents: [one, two] })] }), null);
    const fresh = chat("chat-1", { agents: [{ ...one, status: "away" }, two] });
    expect(after(held, seen("chat-1")).chats).toEqual([fresh]);
    expect(after(held, seen("chat-2")).chats).toEqual(held.chats);
  });

  test("who is online is no part of it", () => {
    const watched: AgentEvent = { type: "presence.watched", at, agents: [] };
    expect(after(start, watched)).toBe(start);
  });

  test("a snapshot replaces everything, and keeps what closed meanwhile as ended", () => {
    const before = after(start, made, accepted, said("chat-1", 5, 2));
    const fresh = fromSnapshot(snapshot({ chats: [chat("chat-2")] }), before);
    expect(fresh.offers).toEqual([]);
    expect(fresh.chats.map((open) => open.id)).toEqual(["chat-2"]);
    expect(fresh.conversations).toEqual({});
    expect(fresh.ended).toMatchObject([{ id: "chat-1", state: "closed" }]);
  });

  test("an event of a kind that is not known changes nothing", () => {
    const unknown = { type: "chat.sparkled", seq: 8, at } as unknown as AgentEvent;
    expect(after(start, unknown)).toBe(start);
  });
});
