// Why a chat came to whom it came: read when it is asked for, since it is seldom.

import { useState } from "preact/hooks";
import { timeOf } from "../shared/format";
import { useStore } from "../shared/hooks";
import type { Chat, ChatRouting, OfferDecision } from "../shared/protocol";
import { Fault, useAttempt } from "./attempt";
import type { Desk } from "./desk";
import { agentsIn, decisionWords, entryWords, reasonText, waitedWords } from "./explain";

const PAGE = 20;

export function Why({ desk, chat }: { desk: Desk; chat: Chat }) {
  // Of another chat nothing is known yet.
  return <Read key={chat.id} desk={desk} chat_id={chat.id} />;
}

function Read({ desk, chat_id }: { desk: Desk; chat_id: string }) {
  const [routing, setRouting] = useState<ChatRouting | null>(null);
  const { busy, fault, attempt } = useAttempt();
  const read = (before: ChatRouting | null): Promise<boolean> =>
    attempt(async () => {
      const on = before?.next_cursor == null ? "" : `&cursor=${before.next_cursor}`;
      const path = `/v1/chats/${chat_id}/routing?limit=${PAGE}${on}`;
      const page = await desk.rest.get<ChatRouting>(path);
      void desk.names.find(agentsIn(page.data));
      setRouting({ ...page, data: [...(before?.data ?? []), ...page.data] });
    });
  return (
    <section aria-labelledby="why-title">
      <h3 id="why-title">Why it came here</h3>
      {routing === null ? (
        <button type="button" class="plain" disabled={busy} onClick={() => void read(null)}>
          Show
        </button>
      ) : (
        <>
          <p class="hint">{entryWords(routing)}</p>
          {routing.data.length === 0 && <p class="hint">It was offered to nobody yet.</p>}
          <ol class="decisions">
            {routing.data.map((made) => (
              <Made key={made.offer} desk={desk} made={made} />
            ))}
          </ol>
        </>
      )}
      <Fault fault={fault} />
      {routing?.next_cursor != null && (
        <button type="button" class="more" disabled={busy} onClick={() => void read(routing)}>
          Show more
        </button>
      )}
    </section>
  );
}

function Made({ desk, made }: { desk: Desk; made: OfferDecision }) {
  const names = useStore(desk.names.store);
  const name = (id: string): string => names[id] ?? "a colleague";
  const { decision } = made;
  const waited = waitedWords(made);
  return (
    <li>
      <p>
        {timeOf(made.at)}: offered to {name(made.agent_id)}
        {waited !== null && <span class="hint"> after {waited}</span>}, {made.state}
      </p>
      {decision !== null && (
        <>
          <p class="hint">{decisionWords(decision)}</p>
          {decision.passed_over.length > 0 && (
            <ul class="passed-over" aria-label="Passed over">
              {decision.passed_over.map((passed) => (
                <li key={passed.agent_id}>
                  {name(passed.agent_id)}: {reasonText(passed)}
                </li>
              ))}
            </ul>
          )}
          {decision.left_out > 0 && <p class="hint">And {decision.left_out} more.</p>}
        </>
      )}
    </li>
  );
}
