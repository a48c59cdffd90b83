// One's own status: what it is and why, the choice of another, pauses, and the switches per office.

import { useState } from "preact/hooks";
import { timeOf } from "../shared/format";
import { useStore } from "../shared/hooks";
import type { CustomStatus, NewStatus, Presence, Status } from "../shared/protocol";
import type { Desk } from "./desk";
import { Disclosure } from "./disclosure";
import { Dot } from "./dot";
import { OfficeSwitches } from "./office-switches";
import { PauseMenu } from "./pause-menu";
import {
  actorName,
  choiceColor,
  choiceName,
  circumstances,
  sentence,
  STATUS_WORDS,
  STATUSES,
  type Lexicon,
} from "./presence";
import { QueueSwitches } from "./queue-switches";
import type { AgentState } from "./state";

interface Props {
  desk: Desk;
  agent: AgentState;
  lexicon: Lexicon;
}

export function StatusMenu({ desk, agent, lexicon }: Props) {
  const { presence, statuses } = agent;
  const label = (
    <>
      <Dot status={presence.effective} color={choiceColor(presence, statuses)} />
      <span class="hidden">My status: </span>
      <span>{choiceName(presence, statuses)}</span>
      {presence.effective !== presence.status && (
        <span class="counts-as">counts as {presence.effective}</span>
      )}
      {presence.pause?.overdue === true && <span class="counts-as">pause overdue</span>}
    </>
  );
  return (
    <Disclosure class="status" title="My status" label={label}>
      <div role="status">
        <p class="now">{sentence(circumstances(presence), lexicon)}.</p>
        <Remarks presence={presence} lexicon={lexicon} />
      </div>
      <Choices desk={desk} presence={presence} statuses={statuses} />
      <PauseMenu desk={desk} agent={agent} lexicon={lexicon} />
      <OfficeSwitches desk={desk} agent={agent} lexicon={lexicon} />
      <QueueSwitches desk={desk} agent={agent} />
      <SoundSwitch desk={desk} />
    </Disclosure>
  );
}

function SoundSwitch({ desk }: { desk: Desk }) {
  const on = useStore(desk.sounds.store);
  return (
    <section aria-label="This page">
      <label class="check">
        <input
          type="checkbox"
          role="switch"
          checked={on}
          onChange={(event) => desk.sounds.set(event.currentTarget.checked)}
        />
        Sounds for new chats and reminders
      </label>
    </section>
  );
}

/** What else there is to know of one's status. */
function Remarks({ presence, lexicon }: { presence: Presence; lexicon: Lexicon }) {
  const { wanted, over_limit_since } = presence;
  const { statuses } = lexicon;
  const asker = wanted === null ? null : actorName(wanted.set_by, lexicon);
  return (
    <>
      {presence.effective !== presence.status && (
        <p class="hint">You chose {choiceName(presence, statuses)}.</p>
      )}
      {wanted !== null && (
        <p class="hint">
          {choiceName(wanted, statuses)} when your last chat has ended
          {asker !== null && asker !== "you" && `, set by ${asker}`}.
        </p>
      )}
      {over_limit_since !== null && (
        <p class="warning">
          Longer in {choiceName(presence, statuses)} than a day allows, since{" "}
          {timeOf(over_limit_since)}.
        </p>
      )}
    </>
  );
}

interface ChoicesProps {
  desk: Desk;
  presence: Presence;
  statuses: readonly CustomStatus[];
}

function Choices({ desk, presence, statuses }: ChoicesProps) {
  const [later, setLater] = useState(false);
  const set = (status: NewStatus): void => {
    setLater(false);
    void desk.setStatus(status, later);
  };
  // What is chosen already can be chosen again: it ends a pause, and what no activity has brought.
  const choice = (status: Status, custom: CustomStatus | null) => {
    const chosen = presence.status === status && presence.status_id === (custom?.id ?? null);
    const hint = custom === null ? "" : hintOf(custom);
    return (
      <li key={custom?.id ?? status}>
        <button
          type="button"
          class="choice"
          aria-pressed={chosen}
          onClick={() => set(custom === null ? { status } : { status_id: custom.id })}
        >
          <Dot status={status} color={custom?.color ?? null} />
          <span class="name">{custom?.name ?? STATUS_WORDS[status]}</span>
          {hint !== "" && <span class="hint">{hint}</span>}
        </button>
      </li>
    );
  };
  return (
    <section aria-label="Set my status">
      <ul class="choices">
        {STATUSES.map((status) => choice(status, null))}
        {statuses.map((custom) => choice(custom.base, custom))}
      </ul>
      <label class="check">
        <input
          type="checkbox"
          checked={later}
          onChange={(event) => setLater(event.currentTarget.checked)}
        />
        After my current chats
      </label>
      <p class="hint">
        {later
          ? "You get no new chats from now on, and the status when the last one has ended."
          : "Counts for all offices, and ends a pause."}
      </p>
    </section>
  );
}

function hintOf(custom: CustomStatus): string {
  const base = custom.handles_chats ? `counts as ${custom.base}` : "no chats";
  return custom.paid ? base : `${base}, unpaid`;
}
