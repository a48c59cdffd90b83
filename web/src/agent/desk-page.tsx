// The desk: a bar with status and connection, the offers and chats, and the selected chat.

import { useEffect } from "preact/hooks";
import { useNow, useStore } from "../shared/hooks";
import type { Presence, Status } from "../shared/protocol";
import { connectionWords } from "../shared/words";
import { ChatList } from "./chat-list";
import { ChatView } from "./chat-view";
import type { Desk, DeskState } from "./desk";
import { Offers } from "./offers";

const STATUSES: { status: Status; label: string }[] = [
  { status: "online", label: "Online" },
  { status: "away", label: "Away" },
  { status: "offline", label: "Offline" },
  { status: "invisible", label: "Invisible" },
];

export function DeskPage({ desk, state }: { desk: Desk; state: DeskState }) {
  const entries = useStore(desk.outbox.store);
  const { agent, selected } = state;
  const ringing = agent?.offers.length ?? 0;

  useEffect(() => {
    document.title = ringing > 0 ? `(${ringing}) New chat – Deskbell` : "Deskbell";
    return () => {
      document.title = "Deskbell";
    };
  }, [ringing]);

  const chat =
    agent?.chats.find((open) => open.id === selected) ??
    agent?.ended.find((ended) => ended.id === selected);

  return (
    <div class={chat === undefined ? "desk" : "desk chat-open"}>
      <header class="bar">
        <span class="brand">Deskbell</span>
        <Connection state={state} />
        {agent !== null && <StatusMenu desk={desk} presence={agent.presence} />}
        <span class="me">{agent?.me.name}</span>
        <button type="button" onClick={() => void desk.logout()}>
          Log out
        </button>
      </header>

      {agent === null ? (
        <p class="starting">Loading your chats…</p>
      ) : (
        <>
          <nav class="side" aria-label="Offers and chats">
            <Offers desk={desk} offers={agent.offers} />
            <ChatList desk={desk} state={state} agent={agent} entries={entries} />
          </nav>
          <main class="main">
            {chat === undefined ? (
              <Nothing presence={agent.presence} />
            ) : (
              <ChatView
                key={chat.id}
                desk={desk}
                agent={agent}
                chat={chat}
                draft={state.drafts[chat.id] ?? ""}
                entries={entries.filter((entry) => entry.chat_id === chat.id)}
              />
            )}
          </main>
        </>
      )}

      <div class="alerts" role="status">
        {state.alerts.map((alert) => (
          <p key={alert.id} class="alert">
            <span>{alert.text}</span>
            <button type="button" class="plain" onClick={() => desk.dismiss(alert.id)}>
              Dismiss
            </button>
          </p>
        ))}
      </div>
    </div>
  );
}

function Connection({ state }: { state: DeskState }) {
  useNow();
  const words = connectionWords(state.connection, Date.now());
  return (
    <span class={`connection ${words === null ? "good" : "bad"}`} role="status">
      {words ?? "Connected"}
    </span>
  );
}

function StatusMenu({ desk, presence }: { desk: Desk; presence: Presence }) {
  const counts_as =
    presence.effective === presence.status ? null : `counts as ${presence.effective}`;
  return (
    <label class="status">
      <span class={`dot ${presence.effective}`} aria-hidden="true" />
      <span class="hidden">My status</span>
      <select
        value={presence.status}
        onChange={(event) => {
          const select = event.currentTarget;
          const status = select.value as Status;
          // The menu shows what the server knows, not what was asked for.
          select.value = presence.status;
          void desk.setStatus(status);
        }}
      >
        {STATUSES.map(({ status, label }) => (
          <option key={status} value={status}>
            {label}
          </option>
        ))}
      </select>
      {counts_as !== null && <span class="counts-as">{counts_as}</span>}
    </label>
  );
}

function Nothing({ presence }: { presence: Presence }) {
  const waiting = presence.effective === "online";
  return (
    <div class="nothing">
      <h1>{waiting ? "Ready" : "You get no chats at the moment"}</h1>
      <p>
        {waiting
          ? "A new chat rings here. Accept it, or choose one of your chats."
          : "Choose Online at the top to be offered chats."}
      </p>
    </div>
  );
}
