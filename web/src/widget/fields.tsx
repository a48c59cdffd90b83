// The inputs of a form whose fields the server names.

import { useId } from "preact/hooks";
import type { FormField } from "../shared/protocol";

export type FieldValues = Record<string, string>;

interface Props {
  fields: readonly FormField[];
  values: FieldValues;
  onValues(values: FieldValues): void;
  /** What the server said of a field, by its name. */
  faults: Readonly<Record<string, string>>;
}

export function Fields({ fields, values, onValues, faults }: Props) {
  const id = useId();
  return (
    <>
      {fields.map(({ name, required }) => {
        const fault = faults[name];
        return (
          <label key={name}>
            <span>
              {labelOf(name)}
              {!required && <span class="hint"> (optional)</span>}
            </span>
            <input
              name={name}
              {...(name === "email" ? { type: "email" as const } : { type: "text" as const })}
              autoComplete={name === "email" || name === "name" ? name : "on"}
              maxLength={name === "name" ? 100 : 1000}
              required={required}
              value={values[name] ?? ""}
              aria-invalid={fault !== undefined}
              {...(fault === undefined ? {} : { "aria-describedby": `${id}-${name}` })}
              onInput={(event) => onValues({ ...values, [name]: event.currentTarget.value })}
            />
            {fault !== undefined && (
              <span class="fault" id={`${id}-${name}`}>
                {fault}
              </span>
            )}
          </label>
        );
      })}
    </>
  );
}

/** Returns what to say about the first required field that is empty, or `null`. */
export function missing(fields: readonly FormField[], values: FieldValues): string | null {
  const empty = fields.find(({ name, required }) => required && !values[name]?.trim());
  return empty === undefined ? null : `Please fill in: ${labelOf(empty.name)}.`;
}

/** Returns the values without outer space and without the empty ones. */
export function filled(values: FieldValues): FieldValues {
  const trimmed = Object.entries(values).map(([name, value]) => [name, value.trim()] as const);
  return Object.fromEntries(trimmed.filter(([, value]) => value !== ""));
}

function labelOf(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
