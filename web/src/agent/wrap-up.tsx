// After a chat: how long its agent still has for it, and the outcome, which can be set meanwhile.

import { useEffect, useState } from "preact/hooks";
import { stopwatch } from "../shared/format";
import { useNow } from "../shared/hooks";
import type { Chat, Disposition, Queue } from "../shared/protocol";
import { Fault, useAttempt } from "./attempt";
import { Outcomes, outcomesOf } from "./close-dialog";
import type { Desk } from "./desk";

export function WrapUpBar({ desk, chat, until }: { desk: Desk; chat: Chat; until: string }) {
  const now = useNow(500);
  const [lists, setLists] = useState<{ queue: Queue | undefined; outcomes: Disposition[] }>();
  const { busy, fault, attempt } = useAttempt();
  useEffect(() => {
    let stale = false;
    Promise.all([desk.lists.queues(), desk.lists.dispositions()]).then(
      ([queues, all]) => {
        const queue = queues.find(({ id }) => id === chat.queue_id);
        if (!stale) setLists({ queue, outcomes: outcomesOf(queue, all) });
      },
      // The time runs without them, too.
      () => {},
    );
    return () => void (stale = true);
  }, []);
  const left_s = (Date.parse(until) - now) / 1000;
  return (
    <div class="wrap-up" role="group" aria-label="After the chat">
      <p>
        <strong>After the chat</strong>{" "}
        <span class="clock" aria-live="off">
          {stopwatch(left_s)} left
        </span>
        <span class="hint"> You get no new chats until then.</span>
      </p>
      {lists !== undefined && lists.outcomes.length > 0 && (
        <Outcomes
          outcomes={lists.outcomes}
          several={lists.queue?.several_dispositions === true}
          required={lists.queue?.disposition_required === true}
          chosen={chat.disposition_ids}
          onChosen={(ids) => void attempt(() => desk.update(chat.id, { disposition_ids: ids }))}
        />
      )}
      <Fault fault={fault} />
      <button
        type="button"
        class="primary"
        disabled={busy}
        onClick={() => void attempt(() => desk.deeds.endWrapUp(chat.id))}
      >
        Done
      </button>
    </div>
  );
}
