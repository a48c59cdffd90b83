// The desk: a bar with status and connection, the offers and chats, and beside them the selected chat
// or who is online.

import { useEffect, useMemo } from "preact/hooks";
import { useNow, useStore } from "../shared/hooks";
import { connectionWords } from "../shared/words";
import { titleOf } from "./attention";
import { ChatView } from "./chat-view";
import type { Desk, DeskState } from "./desk";
import { currentTab, useFocusKept } from "./focus";
import { InboxView } from "./inbox-view";
import { Nothing } from "./nothing";
import { Offers } from "./offers";
import { PeoplePage } from "./people-page";
import type { Lexicon } from "./presence";
import { chatOf } from "./state";
import { StatusMenu } from "./status-menu";

const NONE: never[] = [];

export function DeskPage({ desk, state }: { desk: Desk; state: DeskState }) {
  const entries = useStore(desk.outbox.store);
  const { open: people } = useStore(desk.people.store);
  const names = useStore(desk.names.store);
  const { agent, selected } = state;

  const title = titleOf(agent, state.read);
  useEffect(() => {
    document.title = title;
    return () => {
      document.title = "Deskbell";
    };
  }, [title]);

  const me = agent?.me.id ?? "";
  const statuses = agent?.statuses ?? NONE;
  const pauses = agent?.pauses ?? NONE;
  // The same until it changes: a long list is not drawn again for a message in a chat.
  const lexicon = useMemo(
    (): Lexicon => ({ me, statuses, pauses, names }),
    [me, statuses, pauses, names],
  );

  const chat = people || agent === null ? undefined : chatOf(agent, selected);
  useFocusKept(chat === undefined, currentTab);

  return (
    <div class={chat === undefined && !people ? "desk" : "desk main-open"}>
      <header class="bar">
        <span class="brand">Deskbell</span>
        <Connection state={state} />
        {agent !== null && (
          <>
            <button
              type="button"
              aria-pressed={people}
              onClick={() => (people ? desk.showChats() : desk.showPeople())}
            >
              Who’s online
            </button>
            <StatusMenu desk={desk} agent={agent} lexicon={lexicon} />
          </>
        )}
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
            <Offers desk={desk} agent={agent} />
            <InboxView
              desk={desk}
              state={state}
              agent={agent}
              entries={entries}
              current={chat?.id ?? null}
            />
          </nav>
          <main class="main">
            {people ? (
              <PeoplePage desk={desk} agent={agent} lexicon={lexicon} />
            ) : chat === undefined ? (
              <Nothing desk={desk} presence={agent.presence} lexicon={lexicon} />
            ) : (
              <ChatView
                key={chat.id}
                desk={desk}
                agent={agent}
                chat={chat}
                drafts={state.drafts}
                details={state.details}
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
            {alert.chat_id !== null && (
              <button
                type="button"
                class="plain"
                onClick={() => {
                  desk.dismiss(alert.id);
                  desk.select(alert.chat_id);
                }}
              >
                Open
              </button>
            )}
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
