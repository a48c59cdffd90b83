// The bolt for a whole office: all its agents away there, or each as it is everywhere (PRES-5).

import { useEffect, useRef, useState } from "preact/hooks";
import type { NewStatus, OfficeCard } from "../shared/protocol";
import { useAttempt } from "./attempt";
import { BoltIcon } from "./bolt";
import { refusal, type People } from "./people";
import { MODE_WORDS } from "./presence";

export function OfficeBolt({ people, office }: { people: People; office: OfficeCard }) {
  const [open, setOpen] = useState(false);
  const [done, setDone] = useState("");
  const button = useRef<HTMLButtonElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const { busy, fault, attempt } = useAttempt(refusal);
  useEffect(() => {
    if (open) box.current?.querySelector("button")?.focus();
  }, [open]);

  const close = (): void => {
    setOpen(false);
    button.current?.focus();
  };
  const set = async (status: NewStatus | null): Promise<void> => {
    let count = 0;
    const worked = await attempt(async () => {
      count = await people.setOffice(office.id, status);
    });
    if (!worked) return;
    const all = count === 1 ? "Its one agent" : `All ${count} agents`;
    setDone(
      status === null
        ? `Cleared. ${all} of ${office.name}: as everywhere.`
        : `Done. ${all} of ${office.name}: away; who was offline stays so.`,
    );
    close();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Escape") close();
  };
  return (
    <div class="office-bolt" onKeyDown={onKeyDown}>
      <span class={`mode ${office.mode}`}>{MODE_WORDS[office.mode]}</span>
      <button
        ref={button}
        type="button"
        aria-expanded={open}
        onClick={() => (open ? close() : setOpen(true))}
      >
        <BoltIcon /> Whole office
      </button>
      {open && (
        <div ref={box} class="buttons" role="group" aria-label={`All agents of ${office.name}`}>
          <button
            type="button"
            class="danger"
            disabled={busy}
            onClick={() => void set({ status: "away" })}
          >
            Set all away
          </button>
          <button type="button" disabled={busy} onClick={() => void set(null)}>
            Clear for all
          </button>
          <button type="button" onClick={close}>
            Cancel
          </button>
        </div>
      )}
      {fault !== null && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      <p class="hint" role="status">
        {done}
      </p>
    </div>
  );
}
