// Nobody is there: says so, and takes a message.

import { useEffect, useRef, useState } from "preact/hooks";
import { useNow } from "../shared/hooks";
import type { FormField, OfficeMode } from "../shared/protocol";
import { clean, textFault } from "../shared/text";
import { explain, fieldFaults } from "../shared/words";
import { Fields, filled, type FieldValues } from "./fields";
import { backWords, opensAt } from "./offices";
import type { Visit, VisitState } from "./visit";

const DEFAULT_TEXT = "Leave us a message, and we will answer by email. That may take a while.";
const DEFAULT_FIELDS: readonly FormField[] = [
  { name: "name", required: true },
  { name: "email", required: true },
];

export function OfflineForm({ visit, state }: { visit: Visit; state: VisitState }) {
  const fields = state.config?.messenger.fields ?? DEFAULT_FIELDS;
  const [values, setValues] = useState<FieldValues>(visit.answers);
  const [faults, setFaults] = useState<Record<string, string>>({});
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [sent_to, setSentTo] = useState<string | null>(null);

  // The button that had the focus is gone; without this, Escape would no longer reach the panel.
  const thanks = useRef<HTMLDivElement>(null);
  useEffect(() => thanks.current?.focus(), [sent_to]);

  if (sent_to !== null) {
    return (
      <div class="greeting" role="status" tabIndex={-1} ref={thanks}>
        <p>
          <strong>Thank you, your message has arrived.</strong>
        </p>
        <p>{sent_to === "" ? "We will answer you." : `We will answer to ${sent_to}.`}</p>
        <button type="button" onClick={() => setSentTo(null)}>
          Write another message
        </button>
      </div>
    );
  }

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const bad_text = textFault(clean(state.draft));
    setFaults({});
    setFault(bad_text);
    if (bad_text !== null) return;
    setBusy(true);
    try {
      await visit.leaveMessage(filled(values), state.draft);
      setSentTo(values["email"]?.trim() ?? "");
    } catch (error) {
      const by_field = fieldFaults(error);
      setFaults(by_field);
      setFault(Object.keys(by_field).length > 0 ? "Please check the form." : explain(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <form class="offline" onSubmit={submit}>
      <p>
        <strong>Nobody is there at the moment.</strong>
      </p>
      <BackAt offices={state.offices} />
      <p class="own-text">{state.config?.messenger.text || DEFAULT_TEXT}</p>
      <Fields fields={fields} values={values} onValues={setValues} faults={faults} />
      <label>
        Message
        <textarea
          name="message"
          rows={4}
          required
          value={state.draft}
          onInput={(event) => visit.write(event.currentTarget.value)}
        />
      </label>
      {fault !== null && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      <button type="submit" class="primary" disabled={busy}>
        {busy ? "Sending…" : "Send"}
      </button>
    </form>
  );
}

// A visitor waits for hours here, not for seconds.
const OPENS_EVERY_MS = 30_000;

/** When somebody is back, while the offices are out of their hours. */
export function BackAt({ offices }: { offices: readonly OfficeMode[] }) {
  const now = useNow(OPENS_EVERY_MS);
  const at = opensAt(offices, now);
  return at === null ? null : <p class="back-at">{backWords(at, now)}</p>;
}
