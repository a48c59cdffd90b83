// Handing a chat to others: to an agent or a queue, to one who joins, or to one who helps.

import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { Chat, PersonPresence, QueueCard } from "../shared/protocol";
import { Problem } from "../shared/rest";
import { Refused } from "../shared/socket";
import { explain } from "../shared/words";
import { Fault, useAttempt } from "./attempt";
import type { Desk } from "./desk";
import { Dialog, focusFirst } from "./dialog";
import type { HandOver } from "./deeds";
import { agentTargets, queueTargets, type Target } from "./targets";

const WORDS: Record<HandOver, { title: string; verb: string; note: string }> = {
  transfer: {
    title: "Transfer the chat",
    verb: "Transfer",
    note: "What the next agent should know",
  },
  invite: {
    title: "Invite somebody",
    verb: "Invite",
    note: "Why you ask",
  },
  assist: {
    title: "Ask for help",
    verb: "Ask",
    note: "What you need help with",
  },
};

const NOTE_MAX = 500;

interface Props {
  desk: Desk;
  chat: Chat;
  kind: HandOver;
  onClose(): void;
}

export function HandOverDialog({ desk, chat, kind, onClose }: Props) {
  const words = WORDS[kind];
  const [target, setTarget] = useState<Target | null>(null);
  const [note, setNote] = useState("");
  const [at_once, setAtOnce] = useState<boolean | null>(null);
  const [waits, setWaits] = useState(false);
  const [nobody, setNobody] = useState(false);
  const { busy, fault, attempt } = useAttempt((error) => {
    const code = error instanceof Problem || error instanceof Refused ? error.code : "";
    setNobody(code === "nobody_available");
    return code === "nobody_available" ? "Nobody there can take it now." : explain(error);
  });

  const to_queue = target !== null && "queue_id" in target;
  // To a queue the sender's part ends with the transfer, to an agent when that one accepts.
  const release = at_once ?? to_queue;
  // Help can be asked of whoever leads the office.
  const ready = target !== null || kind === "assist";

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!ready) return;
    const worked = await attempt(() =>
      desk.deeds.handOver(kind, chat.id, {
        ...(target === null ? {} : { to: target }),
        ...(note.trim() === "" ? {} : { note: note.trim() }),
        ...(kind === "transfer" ? { release: release ? "at_once" : "on_accept" } : {}),
        ...(kind !== "assist" && waits ? { if_unavailable: "queue" } : {}),
      }),
    );
    if (!worked) return;
    onClose();
    // Nothing in the chat shows a request that rings at nobody.
    if (kind === "assist" && target === null) desk.alert("Your request went to whoever leads this office.");
  };
  return (
    <Dialog title={words.title} onClose={onClose}>
      <form class="hand-over" onSubmit={(event) => void submit(event)}>
        <Targets desk={desk} chat={chat} kind={kind} target={target} onTarget={setTarget} />
        <label>
          <span>
            Note <span class="hint">for colleagues only</span>
          </span>
          <textarea
            rows={2}
            maxLength={NOTE_MAX}
            value={note}
            placeholder={words.note}
            onInput={(event) => setNote(event.currentTarget.value)}
          />
        </label>
        {kind === "transfer" && (
          <label class="check">
            <input
              type="checkbox"
              checked={release}
              onChange={(event) => setAtOnce(event.currentTarget.checked)}
            />
            Leave at once, before somebody has accepted
          </label>
        )}
        {kind !== "assist" && (
          <label class={nobody ? "check warning" : "check"}>
            <input
              type="checkbox"
              checked={waits}
              onChange={(event) => setWaits(event.currentTarget.checked)}
            />
            Wait in line if nobody can take it now
          </label>
        )}
        <Fault fault={fault} />
        <div class="buttons">
          <button type="submit" class="primary" disabled={busy || !ready}>
            {words.verb}
          </button>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}

interface TargetsProps {
  desk: Desk;
  chat: Chat;
  kind: HandOver;
  target: Target | null;
  onTarget(target: Target | null): void;
}

function Targets({ desk, chat, kind, target, onTarget }: TargetsProps) {
  const group = useId();
  const [search, setSearch] = useState("");
  const [lists, setLists] = useState<{ people: PersonPresence[]; queues: QueueCard[] } | null>(
    null,
  );
  const [fault, setFault] = useState<string | null>(null);
  useEffect(() => {
    let stale = false;
    Promise.all([desk.lists.people(null), desk.lists.queues()]).then(
      ([people, queues]) => stale || setLists({ people, queues }),
      (error: unknown) => stale || setFault(explain(error)),
    );
    return () => void (stale = true);
  }, []);
  const box = useRef<HTMLLabelElement>(null);
  useEffect(() => focusFirst(box.current), [lists === null]);

  if (lists === null)
    return fault === null ? <p class="hint">Loading who is there…</p> : <Fault fault={fault} />;
  const there = new Set([...chat.agents, ...chat.participants].map(({ id }) => id));
  const agents = agentTargets(lists.people, chat.office_id, there, search);
  const own = kind === "transfer" ? chat.queue_id : null;
  const queues = queueTargets(lists.queues, chat.office_id, own, search);
  const radio = (chosen: boolean, value: Target | null) => (
    <input type="radio" name={group} checked={chosen} onChange={() => onTarget(value)} />
  );
  return (
    <>
      <label class="search" ref={box}>
        <span class="hidden">Search agents and queues</span>
        <input
          type="search"
          value={search}
          placeholder="Search agents and queues"
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
      </label>
      <div class="targets" role="radiogroup" aria-label="To whom" tabIndex={-1}>
        {kind === "assist" && (
          <label>
            {radio(target === null, null)}
            <span class="name">Whoever leads this office</span>
          </label>
        )}
        {agents.length > 0 && <h3>Agents</h3>}
        {agents.map(({ id, name, free, words }) => (
          <label key={id}>
            {radio(target !== null && "agent_id" in target && target.agent_id === id, {
              agent_id: id,
            })}
            <span class={free ? "dot online" : "dot"} aria-hidden="true" />
            <span class="name">{name}</span>
            <span class="hint">{words}</span>
          </label>
        ))}
        {queues.length > 0 && <h3>Queues</h3>}
        {queues.map(({ id, name, office_id }) => (
          <label key={id}>
            {radio(target !== null && "queue_id" in target && target.queue_id === id, {
              queue_id: id,
            })}
            <span class="name">{name}</span>
            <span class="hint">{desk.officeName(office_id)}</span>
          </label>
        ))}
        {agents.length + queues.length === 0 && <p class="hint">Nobody of this name.</p>}
      </div>
    </>
  );
}
