// The fields that agents give a chat: shown, changed, added, taken away.

import { useState } from "preact/hooks";
import type { Chat } from "../shared/protocol";
import { clean } from "../shared/text";
import { Fault, useAttempt } from "./attempt";
import type { Desk } from "./desk";

const NAME_MAX = 40;
const TEXT_MAX = 1000;

interface Field {
  /** What it was called before; `null` for a new one. */
  was: string | null;
  name: string;
  text: string;
}

export function ChatFields({ desk, chat }: { desk: Desk; chat: Chat }) {
  const [editing, setEditing] = useState<Field | null>(null);
  const { busy, fault, attempt } = useAttempt();
  const names = Object.keys(chat.fields).sort((a, b) => a.localeCompare(b));

  const save = async (fields: Record<string, string | null>): Promise<void> => {
    if (await attempt(() => desk.update(chat.id, { fields }))) setEditing(null);
  };
  return (
    <div class="chat-fields">
      {names.length > 0 && (
        <dl class="fields">
          {names.map((name) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd dir="auto">
                {chat.fields[name]}{" "}
                <button
                  type="button"
                  class="plain"
                  aria-label={`Change ${name}`}
                  onClick={() => setEditing({ was: name, name, text: chat.fields[name]! })}
                >
                  Change
                </button>
              </dd>
            </div>
          ))}
        </dl>
      )}
      {editing === null ? (
        <button
          type="button"
          class="plain"
          onClick={() => setEditing({ was: null, name: "", text: "" })}
        >
          Add a field
        </button>
      ) : (
        <FieldForm
          field={editing}
          busy={busy}
          onField={setEditing}
          onSave={(patch) => void save(patch)}
          onCancel={() => setEditing(null)}
        />
      )}
      <Fault fault={fault} />
    </div>
  );
}

/** Returns what to send for a field: another name takes the one before away. */
export function fieldPatch({ was, name, text }: Field): Record<string, string | null> {
  const moved = was !== null && was !== clean(name) ? { [was]: null } : {};
  return { ...moved, [clean(name)]: clean(text) };
}

interface FormProps {
  field: Field;
  busy: boolean;
  onField(field: Field): void;
  onSave(patch: Record<string, string | null>): void;
  onCancel(): void;
}

function FieldForm({ field, busy, onField, onSave, onCancel }: FormProps) {
  const submit = (event: Event): void => {
    event.preventDefault();
    onSave(fieldPatch(field));
  };
  const { was } = field;
  return (
    <form class="profile" onSubmit={submit}>
      <label>
        Field
        <input
          value={field.name}
          maxLength={NAME_MAX}
          required
          onInput={(event) => onField({ ...field, name: event.currentTarget.value })}
        />
      </label>
      <label>
        Value
        <input
          value={field.text}
          maxLength={TEXT_MAX}
          required
          onInput={(event) => onField({ ...field, text: event.currentTarget.value })}
        />
      </label>
      <div class="buttons">
        <button type="submit" class="primary" disabled={busy}>
          Save
        </button>
        {was !== null && (
          <button type="button" disabled={busy} onClick={() => onSave({ [was]: null })}>
            Remove
          </button>
        )}
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}
