// One's own pauses: begins one, shows how long it still may last, ends it.

import { roughly, stopwatch, timeOf } from "../shared/format";
import { useNow } from "../shared/hooks";
import type { Pausing } from "../shared/protocol";
import type { Desk } from "./desk";
import { actorName, type Lexicon } from "./presence";
import type { AgentState } from "./state";

interface Props {
  desk: Desk;
  agent: AgentState;
  lexicon: Lexicon;
}

export function PauseMenu({ desk, agent, lexicon }: Props) {
  const { pause } = agent.presence;
  if (pause === null && agent.pauses.length === 0) return null;
  const others = agent.pauses.filter(({ id }) => id !== pause?.pause_id);
  return (
    <section aria-labelledby="pauses-title">
      <h2 id="pauses-title">Pause</h2>
      {pause !== null && (
        <div class="pausing">
          <Running pause={pause} lexicon={lexicon} />
          <button type="button" class="primary" onClick={() => void desk.endPause()}>
            End pause
          </button>
        </div>
      )}
      <ul class="choices">
        {others.map(({ id, name, paid, longest_s }) => (
          <li key={id}>
            <button type="button" class="choice" onClick={() => void desk.startPause(id)}>
              <span class="name">{name}</span>
              <span class="hint">
                {paid ? "paid" : "unpaid"}
                {longest_s !== null && `, up to ${duration(longest_s)}`}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Running({ pause, lexicon }: { pause: Pausing; lexicon: Lexicon }) {
  const now = useNow();
  const by = actorName(pause.set_by, lexicon);
  const kind = lexicon.pauses.find(({ id }) => id === pause.pause_id);
  const due_s = pause.due_at === null ? null : (Date.parse(pause.due_at) - now) / 1000;
  const longest_s = kind?.longest_s ?? null;
  return (
    <p>
      <strong>{kind?.name ?? "Pause"}</strong> since {timeOf(pause.since)}
      {by !== null && by !== "you" && `, begun by ${by}`}
      <br />
      {pause.overdue ? (
        <span class="warning">
          Overdue
          {longest_s !== null &&
            ` by ${stopwatch((now - Date.parse(pause.since)) / 1000 - longest_s)}`}
        </span>
      ) : due_s === null ? (
        <span class="clock">{stopwatch((now - Date.parse(pause.since)) / 1000)}</span>
      ) : (
        <span class="clock">{stopwatch(due_s)} left</span>
      )}
    </p>
  );
}

/** Returns a bound in words; bounds are whole minutes nearly always. */
function duration(seconds: number): string {
  if (seconds % 3600 === 0) return seconds === 3600 ? "1 hour" : `${seconds / 3600} hours`;
  if (seconds % 60 === 0) return seconds === 60 ? "1 minute" : `${seconds / 60} minutes`;
  return seconds < 60 ? `${seconds} s` : roughly(seconds);
}
