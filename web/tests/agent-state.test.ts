import { describe, expect, test } from "vitest";
import {
  apply,
  chatOf,
  fromSnapshot,
  known,
  withChat,
  withContact,
  withHistory,
  withLooked,
  withRead,
  type AgentState,
} from "../src/agent/state";
import type { AgentEvent, Author } from "../src/shared/protocol";
import { at, chat, inOffice, message, offer, presence, said, snapshot } from "./make";

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
      const gone: AgentEvent = {
        type,
        seq: 2,
        at,
        chat_id: "chat-1",
        offer: 1,
        agent_id: "agent-1",
      };
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

  describe("of a waiting chat that is read along", () => {
    const waiting = chat("chat-1", { state: "waiting" });
    const reading = fromSnapshot(snapshot({ chats: [waiting] }), null);
    const state = (read: AgentState): string | undefined => chatOf(read, "chat-1")?.state;
    const ringing = (rings: boolean): AgentEvent => ({
      type: "chat.ringing",
      seq: 2,
      at,
      chat_id: "chat-1",
      rings,
      offer: 1,
      agent_id: "agent-2",
      state: rings ? "ringing" : "missed",
    });
    const gone = (rings?: boolean): AgentEvent => ({
      type: "offer.rejected",
      seq: 3,
      at,
      chat_id: "chat-1",
      offer: 1,
      agent_id: "agent-1",
      reason: null,
      ...(rings === undefined ? {} : { rings }),
    });

    test("it rings at a colleague, and rings no more", () => {
      const rung = after(reading, ringing(true));
      expect([state(rung), rung.offers]).toEqual(["offered", []]);
      expect(state(after(rung, ringing(false)))).toBe("waiting");
    });

    test("what rings at oneself says so too, and whether others are asked still", () => {
      const rung = after(reading, made);
      expect([state(rung), rung.offers.length]).toEqual(["offered", 1]);
      expect(state(after(rung, gone(false)))).toBe("waiting");
      expect(state(after(rung, gone(true)))).toBe("offered");
      // A node of the release before does not say.
      expect(state(after(rung, gone()))).toBe("offered");
    });

    test("a chat that is answered stays so while it is offered to one more", () => {
      const active = fromSnapshot(snapshot({ chats: [chat("chat-1")] }), null);
      expect(state(after(active, made, gone(false)))).toBe("active");
    });
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

  test("what the visitor has not sent is shown until it sends or stops", () => {
    const open = fromSnapshot(snapshot({ chats: [chat("chat-1")] }), null);
    const typing = (typing: boolean, text?: string): AgentEvent => ({
      type: "chat.typing",
      at,
      chat_id: "chat-1",
      author: { kind: "visitor" },
      typing,
      ...(text === undefined ? {} : { text }),
    });
    const writes = apply(open, typing(true, "I hate"), 0);
    expect(writes.typing["chat-1"]?.text).toBe("I hate");
    expect(apply(writes, typing(true), 0).typing["chat-1"]?.text).toBe("");
    expect(apply(writes, typing(false), 0).typing["chat-1"]).toBeUndefined();
    expect(apply(writes, said("chat-1", 9, 1), 0).typing["chat-1"]).toBeUndefined();
  });

  test("what colleagues do takes nothing of what the visitor writes away", () => {
    const open = fromSnapshot(snapshot({ chats: [chat("chat-1")] }), null);
    const typing = (author: Author, typing: boolean): AgentEvent => ({
      type: "chat.typing",
      at,
      chat_id: "chat-1",
      author,
      typing,
      ...(author.kind === "visitor" ? { text: "I hate" } : {}),
    });
    const bo: Author = { kind: "agent", agent_id: "agent-2", name: "Bo" };
    const said_by_bo = { ...said("chat-1", 9, 1), message: message(1, { author: bo }) };
    const writes = apply(open, typing({ kind: "visitor" }, true), 0);
    const events = [typing(bo, true), typing(bo, false), said_by_bo];
    const seen = events.reduce((state, event) => apply(state, event, 0), writes);
    expect(seen.typing["chat-1"]?.text).toBe("I hate");
  });

  test("the visitor's mark is the chat's, colleagues' marks are not shown", () => {
    const open = fromSnapshot(snapshot({ chats: [chat("chat-1")] }), null);
    const read = (kind: "visitor" | "agent"): AgentEvent => ({
      type: "chat.read",
      seq: 9,
      at,
      chat_id: "chat-1",
      reader: { kind },
      read_seq: 2,
      delivered_seq: 3,
    });
    const mark = { read_seq: 2, delivered_seq: 3 };
    expect(apply(open, read("visitor"), 0).chats[0]?.visitor_mark).toEqual(mark);
    expect(apply(open, read("agent"), 0)).toBe(open);
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

describe("a chat of others that is looked at", () => {
  const start = fromSnapshot(snapshot(), null);
  const waiting = chat("chat-1", { state: "waiting", agents: [] });

  test("is found until the agent takes part, and then it is the agent's own", () => {
    const looked = withHistory(withLooked(start, waiting), "chat-1", [said("chat-1", 1, 1)]);
    expect(chatOf(looked, "chat-1")).toEqual(waiting);
    const taken = apply(
      looked,
      { type: "chat.accepted", seq: 3, at, chat_id: "chat-1", chat: chat("chat-1"), agent: null },
      NOW,
    );
    expect(chatOf(taken, "chat-1")?.state).toBe("active");
    expect(taken.looked).toEqual({});
    // What was read before may have a gap at its end.
    expect(taken.loaded.has("chat-1")).toBe(false);
  });

  test("that was read late does not replace what events have told", () => {
    const own = fromSnapshot(snapshot({ chats: [chat("chat-1", { last_seq: 5 })] }), null);
    expect(withLooked(own, waiting)).toBe(own);
  });

  test("is not kept as one that ended when it goes on elsewhere", () => {
    const own = fromSnapshot(snapshot({ chats: [chat("chat-1")] }), null);
    const gone = fromSnapshot(snapshot(), own);
    expect(chatOf(gone, "chat-1")?.state).toBe("closed");
    const looked = withLooked(gone, waiting);
    expect([chatOf(looked, "chat-1")?.state, looked.ended]).toEqual(["waiting", []]);
    const over = chat("chat-1", { state: "closed", close_reason: "visitor_ended" });
    expect(withLooked(gone, over).ended).toEqual([over]);
  });

  test("stays in view over a new snapshot", () => {
    const after_welcome = fromSnapshot(snapshot(), withLooked(start, waiting));
    expect(chatOf(after_welcome, "chat-1")).toEqual(waiting);
    expect(chatOf(after_welcome, "chat-9")).toBeUndefined();
    expect(chatOf(after_welcome, null)).toBeUndefined();
  });

  test("is changed by an answer wherever it is", () => {
    const important = { ...chat("chat-1"), important: true };
    const own = withChat(fromSnapshot(snapshot({ chats: [chat("chat-1")] }), null), important);
    expect(own.chats).toEqual([important]);
    expect(own.looked).toEqual({});
    const looked = withChat(withLooked(start, waiting), { ...waiting, important: true });
    expect(looked.looked["chat-1"]?.important).toBe(true);
  });
});

test("a queue that one is logged out of, by oneself or others, says so", () => {
  const queue = { id: "queue-1", name: "Sales", office_id: "office-1", logged_in: true };
  const start = fromSnapshot(snapshot({ queues: [queue, { ...queue, id: "queue-2" }] }), null);
  const by = { kind: "agent", agent_id: "agent-9" } as const;
  const out = after(start, {
    type: "queue.login_changed",
    seq: 1,
    at,
    queue_id: "queue-1",
    logged_in: false,
    by,
  });
  expect(out.queues.map(({ logged_in }) => logged_in)).toEqual([false, true]);
});

describe("the life of a chat", () => {
  const start = fromSnapshot(snapshot({ chats: [chat("chat-1"), chat("chat-2")] }), null);
  const in_chat = { at, chat_id: "chat-1" };
  const over = chat("chat-1", { state: "wrap_up", closed_at: at });
  const working: AgentEvent = {
    type: "chat.wrap_up_started",
    seq: 10,
    ...in_chat,
    chat: over,
    since: at,
    until: "2026-03-01T09:31:00.000Z",
  };
  const closed: AgentEvent = {
    type: "chat.closed",
    seq: 9,
    ...in_chat,
    reason: "agent_closed",
    by: { kind: "agent", agent_id: "agent-1" },
  };

  test("the work after it stands as a fresh snapshot would have it, and then it has ended", () => {
    const at_work = after(start, closed, working);
    expect(at_work.wrap_ups).toEqual([
      { chat: over, since: at, until: "2026-03-01T09:31:00.000Z" },
    ]);
    expect(at_work.chats.map(({ id }) => id)).toEqual(["chat-2"]);
    expect(at_work.ended).toEqual([]);
    const done: AgentEvent = {
      type: "chat.wrap_up_ended",
      seq: 11,
      ...in_chat,
      agent_id: "agent-1",
    };
    expect(after(at_work, { ...done, agent_id: "agent-2" }).wrap_ups).toHaveLength(1);
    const ended = after(at_work, done);
    expect(ended.wrap_ups).toEqual([]);
    expect(ended.ended.map(({ id, state }) => [id, state])).toEqual([["chat-1", "closed"]]);
  });

  test("a chat that goes on is open again, wherever it was", () => {
    const again: AgentEvent = { type: "chat.reopened", seq: 12, ...in_chat, chat: chat("chat-1") };
    for (const before of [after(start, closed), after(start, closed, working)]) {
      const open = after(before, again);
      expect(open.chats[0]?.id).toBe("chat-1");
      expect([open.ended, open.wrap_ups]).toEqual([[], []]);
    }
  });

  test("its marks are replaced as a whole, and nothing else of it", () => {
    const marks = {
      important: true,
      tag_ids: ["t-1"],
      disposition_ids: ["d-1"],
      fields: { plan: "gold" },
      priority: 2,
    };
    const updated: AgentEvent = {
      type: "chat.updated",
      seq: 13,
      ...in_chat,
      by: { kind: "system" },
      ...marks,
    };
    expect(after(start, updated).chats[0]).toEqual(chat("chat-1", marks));
    expect(after(start, closed, working, updated).wrap_ups[0]!.chat).toEqual({ ...over, ...marks });
  });

  test("a target is missed once, a rating is the last one", () => {
    const missed: AgentEvent = {
      type: "chat.target_missed",
      seq: 14,
      ...in_chat,
      target: "waiting",
    };
    const rated: AgentEvent = { type: "chat.rated", seq: 15, ...in_chat, score: 4 };
    expect(after(start, missed, missed, rated).chats[0]).toMatchObject({
      missed_targets: ["waiting"],
      score: 4,
    });
  });

  test("a reminder holds until an agent answers or the chat ends", () => {
    const reminder: AgentEvent = { type: "chat.reminder", seq: 16, ...in_chat };
    const reminded = after(start, reminder);
    expect([...reminded.reminded]).toEqual(["chat-1"]);
    expect([...after(reminded, said("chat-1", 17, 3)).reminded]).toEqual(["chat-1"]);
    const answer = said("chat-1", 18, 4);
    const own = { kind: "agent", agent_id: "agent-1", name: "Agent One" } as const;
    const answered: AgentEvent = { ...answer, message: { ...answer.message, author: own } };
    expect(after(reminded, answered).reminded.size).toBe(0);
    expect(after(reminded, closed).reminded.size).toBe(0);
  });
});

describe("a chat that changes hands", () => {
  const me = { id: "agent-1", name: "Agent One" };
  const bo = { id: "agent-2", name: "Bo" };
  const as = (role: "agent" | "assistant", person: typeof me) => ({ ...person, role });
  const with_me = chat("chat-1", { agents: [me], participants: [as("agent", me)] });
  const with_bo = chat("chat-1", { agents: [bo], participants: [as("agent", bo)] });
  const start = fromSnapshot(snapshot({ chats: [with_me] }), null);
  const in_chat = { at, chat_id: "chat-1" };
  const ids = (state: AgentState): string[] => state.chats.map(({ id }) => id);

  test("is shown as under way until it is taken back, or somebody has come", () => {
    const asked: AgentEvent = {
      type: "chat.invite_requested",
      seq: 1,
      ...in_chat,
      by: me,
      to: { agent_id: "agent-2" },
      note: null,
    };
    const pending = after(start, asked);
    expect(pending.chats[0]?.hand_over).toEqual({
      purpose: "invite",
      to: { agent_id: "agent-2" },
      by_agent_id: "agent-1",
      since: at,
    });
    const ended: AgentEvent = {
      type: "chat.hand_over_ended",
      seq: 2,
      ...in_chat,
      purpose: "invite",
      reason: "refused",
    };
    expect(after(pending, ended).chats[0]?.hand_over).toBeNull();
    const both = chat("chat-1", {
      agents: [me, bo],
      participants: [as("agent", me), as("agent", bo)],
    });
    const joined: AgentEvent = {
      type: "chat.participant_joined",
      seq: 3,
      ...in_chat,
      agent_id: "agent-2",
      role: "agent",
      chat: both,
    };
    expect(after(pending, joined).chats).toEqual([both]);
  });

  test("asking whoever leads the office is no search", () => {
    const asked: AgentEvent = {
      type: "chat.assist_requested",
      seq: 1,
      ...in_chat,
      by: me,
      to: null,
      note: "help",
    };
    expect(after(start, asked).chats[0]?.hand_over).toBeNull();
  });

  test("leaves who gave it away, who can still look at it", () => {
    const gone = after(start, {
      type: "chat.transferred",
      seq: 4,
      ...in_chat,
      agent: bo,
      chat: with_bo,
    });
    expect(ids(gone)).toEqual([]);
    expect(chatOf(gone, "chat-1")).toEqual(with_bo);
    const again = after(gone, {
      type: "chat.participant_left",
      seq: 5,
      ...in_chat,
      agent: me,
      role: "agent",
      reason: "transferred",
    });
    expect(ids(again)).toEqual([]);
  });

  test("comes to who takes it, whose offer is over", () => {
    const ringing = fromSnapshot(snapshot({ offers: [offer("chat-1", 1)] }), null);
    const mine = after(ringing, {
      type: "chat.transferred",
      seq: 6,
      ...in_chat,
      agent: me,
      chat: with_me,
    });
    expect([mine.chats, mine.offers]).toEqual([[with_me], []]);
  });

  test("stays with who listens, until that one leaves", () => {
    const own = {
      type: "chat.participant_joined",
      seq: 7,
      ...in_chat,
      agent_id: "agent-1",
      role: "listener",
      chat: with_bo,
    } as const;
    const listening = after(fromSnapshot(snapshot(), null), own);
    expect(ids(listening)).toEqual(["chat-1"]);
    const waiting = chat("chat-1", { state: "waiting", agents: [] });
    const requeued = after(listening, {
      type: "chat.requeued",
      seq: 8,
      ...in_chat,
      reason: "agent_gone",
      chat: waiting,
    });
    expect(requeued.chats).toEqual([waiting]);
    const elsewhere = { ...waiting, queue_id: "queue-2" };
    const overflowed = after(requeued, {
      type: "chat.overflowed",
      seq: 9,
      ...in_chat,
      from_queue_id: waiting.queue_id,
      chat: elsewhere,
    });
    expect(overflowed.chats).toEqual([elsewhere]);
    const left: AgentEvent = {
      type: "chat.participant_left",
      seq: 10,
      ...in_chat,
      agent: me,
      role: "listener",
      reason: "left",
    };
    expect(ids(after(overflowed, left))).toEqual([]);
  });

  test("that goes back to its queue leaves who had it", () => {
    const waiting = chat("chat-1", { state: "waiting", agents: [] });
    expect(
      ids(
        after(start, {
          type: "chat.requeued",
          seq: 8,
          ...in_chat,
          reason: "agent_gone",
          chat: waiting,
        }),
      ),
    ).toEqual([]);
  });

  test("names one less when one of several leaves", () => {
    const both = chat("chat-1", {
      agents: [me, bo],
      participants: [as("agent", me), as("agent", bo)],
    });
    const two = fromSnapshot(snapshot({ chats: [both] }), null);
    const left = after(two, {
      type: "chat.participant_left",
      seq: 9,
      ...in_chat,
      agent: bo,
      role: "agent",
      reason: "left",
    });
    expect(left.chats).toEqual([with_me]);
  });
});

describe("a contact", () => {
  const told = { id: "contact-1", name: null, email: "vera@home.example", fields: { plan: "gold" } };
  const start = fromSnapshot(snapshot(), null);

  test("is what its visitor gave until agents have given more", () => {
    expect(known(start, told)).toBe(told);
    const learnt = withContact(start, { ...told, name: "Vera", email: null });
    expect(known(learnt, told)).toEqual({ ...told, name: "Vera" });
    expect(known(learnt, { ...told, id: "contact-2" }).name).toBeNull();
  });

  test("is what a chat was read with, until more is learnt", () => {
    const read = { ...told, known: { name: "Victor", email: "v@home.example" } };
    const looked = withLooked(start, chat("chat-1", { contact: read }));
    const shown = (state: AgentState): string | null =>
      known(state, chatOf(state, "chat-1")!.contact).name;
    expect(shown(looked)).toBe("Victor");
    expect(shown(withContact(looked, { ...told, name: "Vera" }))).toBe("Vera");
  });

  test("is learnt of what rings, with its address of another system", () => {
    const address = "https://crm.example/?name=Victor";
    const made = { ...offer("chat-1", 1), contact: told };
    const ringing = fromSnapshot(snapshot({ offers: [made] }), null);
    const read = chat("chat-1", {
      contact: { ...told, known: { name: "Victor", email: null } },
    });
    const learnt = withRead(ringing, { ...read, external_url: address });
    expect(known(learnt, learnt.offers[0]!.contact).name).toBe("Victor");
    expect(learnt.offers[0]!.external_url).toBe(address);
    expect(withRead(ringing, chat("chat-2")).offers).toEqual(ringing.offers);
  });

  test("stays known when the state is read anew", () => {
    const learnt = withContact(start, { ...told, name: "Vera" });
    expect(known(fromSnapshot(snapshot(), learnt), told).name).toBe("Vera");
  });
});
