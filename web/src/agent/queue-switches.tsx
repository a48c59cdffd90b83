// The queues that one is a member of, and whether their chats ring here. Who is logged out of a queue
// can still take a chat that waits in it.

import { useState } from "preact/hooks";
import type { Desk } from "./desk";
import type { AgentState } from "./state";

export function QueueSwitches({ desk, agent }: { desk: Desk; agent: AgentState }) {
  const [busy, setBusy] = useState(false);
  // A node of the release before does not tell whether its chats ring.
  const told = agent.queues.filter(({ logged_in }) => logged_in !== undefined);
  const queues = told.sort((a, b) => a.name.localeCompare(b.name));
  if (queues.length === 0) return null;
  const set = async (queue_id: string, on: boolean): Promise<void> => {
    setBusy(true);
    await desk.run(desk.deeds.logIntoQueue(queue_id, on));
    setBusy(false);
  };
  return (
    <section aria-labelledby="queues-title">
      <h2 id="queues-title">My queues</h2>
      <ul class="queue-switches">
        {queues.map(({ id, name, logged_in }) => (
          <li key={id}>
            <label class="check">
              <input
                type="checkbox"
                role="switch"
                checked={logged_in !== false}
                disabled={busy}
                onChange={(event) => void set(id, event.currentTarget.checked)}
              />
              <span class="name">{name}</span>
              {logged_in === false && <span class="hint">its chats do not ring</span>}
            </label>
          </li>
        ))}
      </ul>
    </section>
  );
}
