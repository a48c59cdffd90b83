// "Who's online": every agent with what it is and why, for all offices or one.

import { useEffect, useRef, useState } from "preact/hooks";
import { useStore } from "../shared/hooks";
import type { Status } from "../shared/protocol";
import type { Desk } from "./desk";
import { OfficeBolt } from "./office-bolt";
import type { People, PeopleState } from "./people";
import { PersonRow } from "./person-row";
import { leads, STATUS_WORDS, STATUSES, type Lexicon } from "./presence";
import type { AgentState } from "./state";
import { countBy, shownLines, type Lines } from "./watch";

interface Props {
  desk: Desk;
  agent: AgentState;
  lexicon: Lexicon;
}

export function PeoplePage({ desk, agent, lexicon }: Props) {
  const { people } = desk;
  const state = useStore(people.store);
  const title = useRef<HTMLHeadingElement>(null);
  // The view is another: its name is read out, and the keyboard goes on from here.
  useEffect(() => title.current?.focus(), []);

  const office = agent.offices.find(({ id }) => id === state.office_id);
  return (
    <section class="people" aria-labelledby="people-title">
      <header>
        <button type="button" class="back" onClick={() => desk.showChats()}>
          Back
        </button>
        <h1 id="people-title" ref={title} tabIndex={-1}>
          Who’s online
        </h1>
        <Filters people={people} state={state} agent={agent} />
        {leads(agent.me.role) && office !== undefined && (
          <OfficeBolt key={office.id} people={people} office={office} />
        )}
      </header>
      {state.fault !== null && (
        <p class="fault" role="alert">
          {state.fault}{" "}
          <button type="button" class="plain" onClick={() => void people.watch()}>
            Try again
          </button>
        </p>
      )}
      {state.lines === null ? (
        state.fault === null && <p class="starting">Loading the list…</p>
      ) : (
        <Table lines={state.lines} state={state} people={people} agent={agent} lexicon={lexicon} />
      )}
    </section>
  );
}

interface FilterProps {
  people: People;
  state: PeopleState;
  agent: AgentState;
}

function Filters({ people, state, agent }: FilterProps) {
  const counts = countBy(state.lines ?? {}, state.office_id);
  const count = (status: Status): string => (state.lines === null ? "" : ` (${counts[status]})`);
  return (
    <div class="filters">
      <label>
        Office
        <select
          value={state.office_id ?? ""}
          onChange={(event) => people.filterOffice(event.currentTarget.value || null)}
        >
          <option value="">All offices</option>
          {agent.offices.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label>
        Status
        <select
          value={state.status ?? ""}
          onChange={(event) => people.filterStatus((event.currentTarget.value || null) as Status)}
        >
          <option value="">All</option>
          {STATUSES.map((status) => (
            <option key={status} value={status}>
              {STATUS_WORDS[status]}
              {count(status)}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

interface TableProps extends FilterProps {
  lines: Lines;
  lexicon: Lexicon;
}

function Table({ lines, state, people, agent, lexicon }: TableProps) {
  const [changing, setChanging] = useState<string | null>(null);
  const shown = shownLines(lines, state.office_id, state.status);
  const may_change = leads(agent.me.role);
  if (shown.length === 0) return <p class="starting">Nobody is here with this status.</p>;
  // The roles are those of a table: a narrow screen lays it out as cards, which would end them.
  return (
    <div class="table" tabIndex={0} role="region" aria-label="Agents">
      <table role="table">
        <thead role="rowgroup">
          <tr role="row">
            {["Name", "Status", "Why", "Chats", "Other offices"].map((head) => (
              <th key={head} role="columnheader" scope="col">
                {head}
              </th>
            ))}
            {may_change && (
              <th role="columnheader" scope="col">
                <span class="hidden">Change</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {shown.map((line) => (
            <PersonRow
              key={line.id}
              line={line}
              office_id={state.office_id}
              offices={agent.offices}
              lexicon={lexicon}
              people={may_change ? people : null}
              changing={changing === line.id}
              onChanging={setChanging}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}
