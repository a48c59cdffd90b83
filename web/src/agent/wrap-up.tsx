// After a chat: how long its agent still has for it, and the outcome, which can be set meanwhile.

import { stopwatch } from "../shared/format";
import { useNow } from "../shared/hooks";
import type { Chat } from "../shared/protocol";
import { Fault, useAttempt } from "./attempt";
import { OutcomeChoice, useOutcomes } from "./close-dialog";
import type { Desk } from "./desk";

export function WrapUpBar({ desk, chat, until }: { desk: Desk; chat: Chat; until: string }) {
  const now = useNow(500);
  // The time runs without them, too.
  const { outcomes } = useOutcomes(desk.lists, chat.queue_id);
  const { busy, fault, attempt } = useAttempt();
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
      {outcomes !== null && (
        <OutcomeChoice
          outcomes={outcomes}
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
