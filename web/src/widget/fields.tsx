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
      {fields.map((field) => {
        const { name, required } = field;
        const fault = faults[name];
        const input = (
          <FieldInput
            field={field}
            value={values[name] ?? ""}
            fault_id={fault === undefined ? null : `${id}-${name}`}
            onValue={(value) => onValues({ ...values, [name]: value })}
          />
        );
        return (
          <label key={name} class={field.kind === "checkbox" ? "check" : ""}>
            {field.kind === "checkbox" && input}
            <span>
              {labelOf(field)}
              {!required && <span class="hint"> (optional)</span>}
            </span>
            {field.kind !== "checkbox" && input}
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

interface InputProps {
  field: FormField;
  value: string;
  /** What describes the fault of it, if there is one. */
  fault_id: string | null;
  onValue(value: string): void;
}

/** What a box that is ticked says. */
const YES = "true";

function FieldInput({ field, value, fault_id, onValue }: InputProps) {
  const { name, required } = field;
  const about = {
    name,
    required,
    "aria-invalid": fault_id !== null,
    ...(fault_id === null ? {} : { "aria-describedby": fault_id }),
  };
  switch (kindOf(field)) {
    case "choice":
      return (
        <select {...about} value={value} onChange={(event) => onValue(event.currentTarget.value)}>
          <option value="">Please choose</option>
          {field.choices?.map((choice) => (
            <option key={choice} value={choice}>
              {choice}
            </option>
          ))}
        </select>
      );
    case "checkbox":
      return (
        <input
          {...about}
          type="checkbox"
          checked={value === YES}
          onChange={(event) => onValue(event.currentTarget.checked ? YES : "")}
        />
      );
    default:
      return (
        <input
          {...about}
          {...typeOf(field)}
          maxLength={field.max_length ?? (name === "name" ? 100 : 1000)}
          value={value}
          onInput={(event) => onValue(event.currentTarget.value)}
        />
      );
  }
}

function typeOf(field: FormField) {
  switch (kindOf(field)) {
    case "email":
      return { type: "email", autoComplete: "email" } as const;
    case "phone":
      return { type: "tel", autoComplete: "tel" } as const;
    default:
      return { type: "text", autoComplete: field.name === "name" ? "name" : "on" } as const;
  }
}

/** Returns what a field takes; one that is called `email` takes an address. */
function kindOf({ name, kind }: FormField): string {
  return kind ?? (name === "email" ? "email" : "text");
}

/** Returns what to say about the first required field that is empty, or `null`. */
export function missing(fields: readonly FormField[], values: FieldValues): string | null {
  const empty = fields.find(({ name, required }) => required && !values[name]?.trim());
  return empty === undefined ? null : `Please fill in “${labelOf(empty)}”.`;
}

/** Returns the values without outer space and without the empty ones. */
export function filled(values: FieldValues): FieldValues {
  const trimmed = Object.entries(values).map(([name, value]) => [name, value.trim()] as const);
  return Object.fromEntries(trimmed.filter(([, value]) => value !== ""));
}

function labelOf({ name, label }: FormField): string {
  if (label != null && label !== "") return label;
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
