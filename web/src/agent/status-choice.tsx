// A choice among the four statuses and the tenant's own, as a field of a form.

import type { CustomStatus } from "../shared/protocol";
import { STATUS_WORDS, STATUSES } from "./presence";

interface Props {
  label: string;
  value: string;
  statuses: readonly CustomStatus[];
  /** What the empty value means, if it may be chosen. */
  none?: string;
  onChoose(value: string): void;
}

export function StatusChoice({ label, value, statuses, none, onChoose }: Props) {
  return (
    <select
      aria-label={label}
      value={value}
      onChange={(event) => {
        const select = event.currentTarget;
        const chosen = select.value;
        // Shows what is so, not what was asked for.
        select.value = value;
        onChoose(chosen);
      }}
    >
      {none !== undefined && <option value="">{none}</option>}
      {STATUSES.map((status) => (
        <option key={status} value={status}>
          {STATUS_WORDS[status]}
        </option>
      ))}
      {statuses.map(({ id, name }) => (
        <option key={id} value={`custom ${id}`}>
          {name}
        </option>
      ))}
    </select>
  );
}
