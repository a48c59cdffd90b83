// Who does not want to wait can have the answer by email, and who waited in vain says where it is to go.

import { useEffect, useRef, useState } from "preact/hooks";
import { explain, fieldFaults } from "../shared/words";
import type { Visit } from "./visit";

interface ByEmailProps {
  visit: Visit;
  chat_id: string;
  /** Whether there is nothing else to do than to give an address. */
  needed?: boolean;
}

export function ByEmail({ visit, chat_id, needed = false }: ByEmailProps) {
  const [wanted, setWanted] = useState(false);
  // It may become needed while it is shown, and what was typed by then stays.
  const asked = wanted || needed;
  const [email, setEmail] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (asked) field.current?.focus();
  }, [asked]);

  if (!asked) {
    return (
      <p class="line">
        <button type="button" class="plain" onClick={() => setWanted(true)}>
          Answer me by email instead
        </button>
      </p>
    );
  }
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setFault(null);
    try {
      // Without one the address counts that was given at the start.
      await visit.askByEmail(chat_id, email.trim());
    } catch (error) {
      setFault(fieldFaults(error)["email"] ?? explain(error));
      setBusy(false);
    }
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || needed) return;
    // The panel around would close with it.
    event.stopPropagation();
    setWanted(false);
  };
  return (
    <form class="by-email" onSubmit={(event) => void submit(event)} onKeyDown={onKeyDown}>
      {needed && <p>Nobody could take your chat in time. Where can we answer you?</p>}
      <label>
        Your email address
        <input
          ref={field}
          type="email"
          autoComplete="email"
          maxLength={254}
          value={email}
          aria-invalid={fault !== null}
          onInput={(event) => setEmail(event.currentTarget.value)}
        />
      </label>
      {fault !== null && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      <div class="buttons">
        <button type="submit" class="primary" disabled={busy}>
          Answer me by email
        </button>
        {!needed && (
          <button type="button" onClick={() => setWanted(false)}>
            Keep waiting
          </button>
        )}
      </div>
    </form>
  );
}
