// The login form.

import { useEffect, useRef, useState } from "preact/hooks";
import { keep } from "../shared/keep";
import { explain } from "../shared/words";
import type { Desk } from "./desk";

// The company and the email, so that the next login needs the password only.
const remembered = keep<{ tenant: string; email: string }>("localStorage", "deskbell.login");

export function LoginPage({ desk, reason }: { desk: Desk; reason: string | null }) {
  const known = remembered.read();
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);

  useEffect(() => {
    const first = known === null ? "tenant" : "password";
    (form.current?.elements.namedItem(first) as HTMLInputElement | null)?.focus();
  }, []);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const data = new FormData(form.current!);
    const tenant = String(data.get("tenant")).trim().toLowerCase();
    const email = String(data.get("email")).trim();
    setBusy(true);
    setFault(null);
    try {
      await desk.login(tenant, email, String(data.get("password")));
      remembered.write({ tenant, email });
    } catch (error) {
      setFault(explain(error));
      setBusy(false);
    }
  };

  return (
    <main class="login">
      <form ref={form} onSubmit={submit} aria-labelledby="login-title">
        <h1 id="login-title">
          <span class="brand">Deskbell</span> for agents
        </h1>
        {reason !== null && fault === null && <p class="hint">{reason}</p>}
        <label>
          Company
          <input
            name="tenant"
            required
            autoComplete="organization"
            autoCapitalize="none"
            spellcheck={false}
            defaultValue={known?.tenant ?? ""}
          />
        </label>
        <label>
          Email
          <input
            name="email"
            type="email"
            required
            autoComplete="username"
            defaultValue={known?.email ?? ""}
          />
        </label>
        <label>
          Password
          <input name="password" type="password" required autoComplete="current-password" />
        </label>
        {fault !== null && (
          <p class="fault" role="alert">
            {fault}
          </p>
        )}
        <button type="submit" class="primary" disabled={busy}>
          {busy ? "Logging in…" : "Log in"}
        </button>
      </form>
    </main>
  );
}
