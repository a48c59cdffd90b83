// The end of a chat: with its outcome, where the queue has any.

import { useEffect, useId, useState } from "preact/hooks";
import type { Chat, Disposition, Queue } from "../shared/protocol";
import { explain } from "../shared/words";
import { Fault, useAttempt } from "./attempt";
import type { Desk } from "./desk";
import { Dialog } from "./dialog";

/** The outcomes of a queue, in order. */
export function outcomesOf(queue: Queue | undefined, all: readonly Disposition[]): Disposition[] {
  const ids = new Set(queue?.disposition_ids ?? []);
  return all
    .filter(({ id }) => ids.has(id))
    .sort((a, b) => a.sort_order - b.sort_order || a.name.localeCompare(b.name));
}

export function CloseDialog({ desk, chat, onClose }: { desk: Desk; chat: Chat; onClose(): void }) {
  const [lists, setLists] = useState<{ queue: Queue | undefined; outcomes: Disposition[] }>();
  const [unread, setUnread] = useState<string | null>(null);
  const [chosen, setChosen] = useState<readonly string[]>(chat.disposition_ids);
  const { busy, fault, attempt } = useAttempt();
  useEffect(() => {
    let stale = false;
    Promise.all([desk.lists.queues(), desk.lists.dispositions()]).then(
      ([queues, all]) => {
        const queue = queues.find(({ id }) => id === chat.queue_id);
        if (!stale) setLists({ queue, outcomes: outcomesOf(queue, all) });
      },
      (error: unknown) => stale || setUnread(explain(error)),
    );
    return () => void (stale = true);
  }, []);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const named = lists === undefined || lists.outcomes.length === 0 ? null : chosen;
    if (await attempt(() => desk.deeds.close(chat.id, named))) onClose();
  };
  const others = chat.agents.length > 1;
  const required = lists?.queue?.disposition_required === true && lists.outcomes.length > 0;
  const lacking = required && !others && chosen.length === 0;
  return (
    <Dialog title="Close the chat" onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        {others && <p class="hint">The chat goes on with the others; your part ends.</p>}
        {unread !== null && <Fault fault={unread} />}
        {lists === undefined && unread === null && <p class="hint">Loading…</p>}
        {lists !== undefined && lists.outcomes.length > 0 && (
          <Outcomes
            outcomes={lists.outcomes}
            several={lists.queue?.several_dispositions === true}
            required={required}
            chosen={chosen}
            onChosen={setChosen}
          />
        )}
        <Fault fault={fault} />
        <div class="buttons">
          <button type="submit" class="primary" disabled={busy || lacking}>
            Close chat
          </button>
          <button type="button" onClick={onClose}>
            Keep open
          </button>
        </div>
      </form>
    </Dialog>
  );
}

interface OutcomesProps {
  outcomes: readonly Disposition[];
  several: boolean;
  required: boolean;
  chosen: readonly string[];
  onChosen(ids: readonly string[]): void;
}

export function Outcomes({ outcomes, several, required, chosen, onChosen }: OutcomesProps) {
  const group = useId();
  const toggle = (id: string, on: boolean): void => {
    if (!several) return onChosen([id]);
    onChosen(on ? [...chosen, id] : chosen.filter((other) => other !== id));
  };
  return (
    <fieldset class="outcomes">
      <legend>Outcome{!required && <span class="hint"> (optional)</span>}</legend>
      {outcomes.map(({ id, name }) => (
        <label key={id} class="check">
          <input
            type={several ? "checkbox" : "radio"}
            name={group}
            checked={chosen.includes(id)}
            onChange={(event) => toggle(id, event.currentTarget.checked)}
          />
          {name}
        </label>
      ))}
    </fieldset>
  );
}
