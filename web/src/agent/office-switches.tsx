// What one is in each office, the switch for that office alone, and what its visitors see.

import type { OfficePresence } from "../shared/protocol";
import type { Desk } from "./desk";
import { Dot } from "./dot";
import { decode, encode, MODE_WORDS, sentence, type Lexicon } from "./presence";
import type { AgentState } from "./state";
import { StatusChoice } from "./status-choice";

interface Props {
  desk: Desk;
  agent: AgentState;
  lexicon: Lexicon;
}

export function OfficeSwitches({ desk, agent, lexicon }: Props) {
  const { presence, offices, statuses } = agent;
  if (presence.offices.length === 0) return null;

  const item = (there: OfficePresence) => {
    const { office_id, override } = there;
    const office = offices.find(({ id }) => id === office_id);
    const name = office?.name ?? "Another office";
    const status_id = override?.status_id ?? presence.status_id;
    const pause_id = presence.pause?.pause_id;
    return (
      <li key={office_id}>
        <h3>{name}</h3>
        <StatusChoice
          label={`My status in ${name}`}
          none="As everywhere"
          value={override === null ? "" : encode(override.status, override.status_id)}
          statuses={statuses}
          onChoose={(value) => {
            void desk.setOverride(office_id, value === "" ? null : decode(value));
          }}
        />
        <p class="hint">
          <Dot status={there.effective} /> {sentence({ ...there, status_id, pause_id }, lexicon)}
        </p>
        {office !== undefined && <p class={`mode ${office.mode}`}>{MODE_WORDS[office.mode]}</p>}
      </li>
    );
  };
  return (
    <section aria-labelledby="offices-title">
      <h2 id="offices-title">My offices</h2>
      <ul class="office-switches">{presence.offices.map(item)}</ul>
    </section>
  );
}
