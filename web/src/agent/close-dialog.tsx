// The end of a chat: with its outcome, where the queue has any.

import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { Chat, Disposition, Queue } from "../shared/protocol";
import { explain } from "../shared/words";
import { Fault, useAttempt } from "./attempt";
import type { Desk } from "./desk";
import { Dialog, focusFirst } from "./dialog";
import type { Lists } from "./lists";

/** What a chat of a queue can be closed with. */
export interface Outcomes {
  list: readonly Disposition[];
  required: boolean;
  several: boolean;
}

/** Returns the outcomes of a queue, in order. */
export function outcomesOf(queue: Queue | undefined, all: readonly Disposition[]): Outcomes {
  const ids = new Set(queue?.disposition_ids ?? []);
  const list = all
    .filter(({ id }) => ids.has(id))
    .sort((a, b) => a.sort_order - b.sort_order || a.name.localeCompare(b.name));
  return {
    list,
    required: queue?.disposition_required === true && list.length > 0,
    several: queue?.several_dispositions === true,
  };
}

/** The outcomes of a chat's queue, or `null` until they are read; and why they can not be. */
export function useOutcomes(
  lists: Pick<Lists, "queues" | "dispositions">,
  queue_id: string | null,
): { outcomes: Outcomes | null; unread: string | null } {
  const [outcomes, setOutcomes] = useState<Outcomes | null>(null);
  const [unread, setUnread] = useState<string | null>(null);
  useEffect(() => {
    let stale = false;
    const read = async (): Promise<Outcomes> => {
      const queue = (await lists.queues()).find(({ id }) => id === queue_id);
      const some = (queue?.disposition_ids ?? []).length > 0;
      return outcomesOf(queue, some ? await lists.dispositions() : []);
    };
    read().then(
      (found) => stale || setOutcomes(found),
      (error: unknown) => stale || setUnread(explain(error)),
    );
    return () => void (stale = true);
  }, [queue_id]);
  return { outcomes, unread };
}

export function CloseDialog({ desk, chat, onClose }: { desk: Desk; chat: Chat; onClose(): void }) {
  const { outcomes, unread } = useOutcomes(desk.lists, chat.queue_id);
  const [chosen, setChosen] = useState<readonly string[]>(chat.disposition_ids);
  const { busy, fault, attempt } = useAttempt();
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const named = outcomes === null || outcomes.list.length === 0 ? null : chosen;
    if (await attempt(() => desk.deeds.close(chat.id, named))) onClose();
  };
  const form = useRef<HTMLFormElement>(null);
  const ready = outcomes !== null || unread !== null;
  useEffect(() => {
    if (ready) focusFirst(form.current);
  }, [ready]);
  const others = chat.agents.length > 1;
  const lacking = outcomes?.required === true && !others && chosen.length === 0;
  return (
    <Dialog title="Close the chat" onClose={onClose}>
      <form ref={form} onSubmit={(event) => void submit(event)}>
        {others && <p class="hint">The chat goes on with the others; your part ends.</p>}
        <Fault fault={unread} />
        {outcomes === null && unread === null && <p class="hint">Loading…</p>}
        {outcomes !== null && (
          <OutcomeChoice outcomes={outcomes} chosen={chosen} onChosen={setChosen} />
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

/** Returns how many outcomes are wanted. */
export function choiceWords({ required, several }: Outcomes): string {
  if (!required) return several ? "(optional, any number)" : "(optional)";
  return several ? "(at least one)" : "(choose one)";
}

interface ChoiceProps {
  outcomes: Outcomes;
  chosen: readonly string[];
  onChosen(ids: readonly string[]): void;
}

export function OutcomeChoice({ outcomes, chosen, onChosen }: ChoiceProps) {
  const group = useId();
  const { list, several } = outcomes;
  if (list.length === 0) return null;
  const toggle = (id: string, on: boolean): void => {
    if (!several) return onChosen([id]);
    onChosen(on ? [...chosen, id] : chosen.filter((other) => other !== id));
  };
  return (
    <fieldset class="outcomes">
      <legend>
        Outcome <span class="hint">{choiceWords(outcomes)}</span>
      </legend>
      {list.map(({ id, name }) => (
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
