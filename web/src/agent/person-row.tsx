// One agent on the list, and the bolt to change its status. Drawn again only when something of it
// has changed: a list may have a thousand rows.

import { Component } from "preact";
import { timeOf } from "../shared/format";
import type { OfficeCard } from "../shared/protocol";
import { BoltIcon, PersonBolt } from "./bolt";
import { Dot } from "./dot";
import type { People } from "./people";
import { choiceColor, choiceName, reasonWords, STATUS_WORDS, type Lexicon } from "./presence";
import { seenIn, type Line } from "./watch";

interface Props {
  line: Line;
  office_id: string | null;
  offices: readonly OfficeCard[];
  lexicon: Lexicon;
  /** `null`: the reader changes nobody's status. */
  people: People | null;
  changing: boolean;
  onChanging(id: string | null): void;
}

const COLUMNS = 6;

export class PersonRow extends Component<Props> {
  override shouldComponentUpdate(next: Props): boolean {
    const keys = Object.keys(next) as (keyof Props)[];
    return keys.some((key) => next[key] !== this.props[key]);
  }

  override render() {
    const { line, people, changing, onChanging, offices, office_id, lexicon } = this.props;
    const id = `bolt-${line.id}`;
    const close = (): void => {
      onChanging(null);
      document.getElementById(id)?.focus();
    };
    return (
      <>
        <tr role="row" class={changing ? "changing" : ""}>
          <Cells {...this.props} />
          {people !== null && (
            <td role="cell" class="bolt">
              <button
                id={id}
                type="button"
                aria-expanded={changing}
                aria-label={`Change the status of ${line.name}`}
                onClick={() => (changing ? close() : onChanging(line.id))}
              >
                <BoltIcon />
              </button>
            </td>
          )}
        </tr>
        {changing && people !== null && (
          <tr role="row" class="change">
            <td role="cell" colSpan={COLUMNS}>
              <PersonBolt
                people={people}
                line={line}
                office_id={office_id}
                offices={offices}
                statuses={lexicon.statuses}
                onClose={close}
              />
            </td>
          </tr>
        )}
      </>
    );
  }
}

function Cells({ line, office_id, offices, lexicon }: Props) {
  const { statuses } = lexicon;
  const seen = { ...line, ...seenIn(line, office_id) };
  const others = (line.offices ?? []).filter((office) => office.office_id !== office_id);
  const full = line.load >= line.capacity;
  // A custom status has its own name, unless something else than the choice has made the status.
  const custom = seen.effective === line.status && seen.reason !== "override";
  return (
    <>
      <th role="rowheader" scope="row">
        <span class="name">{line.name}</span>
        {line.role !== "agent" && <span class="hint"> {line.role}</span>}
      </th>
      <td role="cell" class="what">
        <Dot status={seen.effective} color={custom ? choiceColor(seen, statuses) : null} />{" "}
        {custom ? choiceName(line, statuses) : STATUS_WORDS[seen.effective]}
      </td>
      <td role="cell" class="why">
        {reasonWords(seen, lexicon)}{" "}
        <span class="hint">
          since <time dateTime={seen.since}>{timeOf(seen.since)}</time>
        </span>
      </td>
      <td role="cell" class={full ? "load full" : "load"}>
        {line.load} of {line.capacity} <span class="unit">chats</span>
      </td>
      <td role="cell" class="others">
        {others.map((there) => (
          <p key={there.office_id}>
            <Dot status={there.effective} />{" "}
            {offices.find(({ id }) => id === there.office_id)?.name ?? "Another office"}:{" "}
            {STATUS_WORDS[there.effective].toLowerCase()}
            <span class="hint">, {reasonWords({ ...seen, ...there }, lexicon)}</span>
          </p>
        ))}
      </td>
    </>
  );
}
