// One change at a time, with why it failed.

import { useState } from "preact/hooks";
import { explain } from "../shared/words";

export function useAttempt(words: (error: unknown) => string = explain) {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  /** Returns whether it worked. */
  const attempt = async (change: () => Promise<unknown>): Promise<boolean> => {
    setBusy(true);
    setFault(null);
    try {
      await change();
      return true;
    } catch (error) {
      setFault(words(error));
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, fault, attempt };
}

export function Fault({ fault }: { fault: string | null }) {
  return fault === null ? null : (
    <p class="fault" role="alert">
      {fault}
    </p>
  );
}
