// The bolt: a supervisor sets the status of another agent, everywhere or in one office (PRES-5).

import { useEffect, useRef, useState } from "preact/hooks";
import type { CustomStatus, NewStatus, OfficeCard } from "../shared/protocol";
import { useAttempt } from "./attempt";
import { refusal, type People } from "./people";
import { decode, encode } from "./presence";
import { StatusChoice } from "./status-choice";
import type { Line } from "./watch";

export function BoltIcon() {
  return (
    <svg class="bolt-icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d="M9.5 1 3 9.2h4L6.5 15 13 6.8H9z" fill="currentColor" />
    </svg>
  );
}

interface Props {
  people: People;
  line: Line;
  /** The office that the list shows. */
  office_id: string | null;
  offices: readonly OfficeCard[];
  statuses: readonly CustomStatus[];
  onClose(): void;
}

export function PersonBolt({ people, line, office_id, offices, statuses, onClose }: Props) {
  const form = useRef<HTMLFormElement>(null);
  const [office, setOffice] = useState(office_id ?? "");
  const [status, setStatus] = useState(encode(line.status, line.status_id));
  const { busy, fault, attempt } = useAttempt(refusal);
  useEffect(() => form.current?.querySelector("select")?.focus(), []);

  const set = async (value: NewStatus | null): Promise<void> => {
    const there = office === "" ? null : office;
    if (await attempt(() => people.set(line.id, there, value))) onClose();
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    void set(decode(status));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Escape") onClose();
  };
  return (
    <form
      ref={form}
      class="bolt-form"
      aria-label={`Change the status of ${line.name}`}
      onSubmit={submit}
      onKeyDown={onKeyDown}
    >
      <label>
        Where
        <select value={office} onChange={(event) => setOffice(event.currentTarget.value)}>
          <option value="">All offices</option>
          {offices.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label>
        Status
        <StatusChoice label="Status" value={status} statuses={statuses} onChoose={setStatus} />
      </label>
      <div class="buttons">
        <button type="submit" class="primary" disabled={busy}>
          Set
        </button>
        {office !== "" && (
          <button type="button" disabled={busy} onClick={() => void set(null)}>
            As everywhere
          </button>
        )}
        <button type="button" onClick={onClose}>
          Cancel
        </button>
      </div>
      {office === "" && <p class="hint">Counts for all offices, and ends a pause.</p>}
      {fault !== null && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
    </form>
  );
}
