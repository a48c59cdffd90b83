// The head of a chat: who it is with, and what can be done with it.

import { useRef, useState } from "preact/hooks";
import type { Chat } from "../shared/protocol";
import { CloseDialog } from "./close-dialog";
import { contactName, FieldList } from "./contact";
import type { HandOver } from "./deeds";
import type { Desk } from "./desk";
import { Disclosure } from "./disclosure";
import { HandOverDialog } from "./hand-over";
import { placeWords, takeable } from "./inbox-view";
import { partIn, type Part } from "./parts";
import { leads } from "./presence";
import { known, type AgentState } from "./state";

interface Props {
  desk: Desk;
  agent: AgentState;
  chat: Chat;
  details: boolean;
}

export function ChatHeader({ desk, agent, chat, details }: Props) {
  const part = partIn(agent, chat);
  const mine = part === "agent";
  const seen = chat.agents.find(({ id }) => id === agent.me.id)?.status;
  const open = mine && chat.state === "active";
  const contact = known(agent, chat.contact);
  return (
    <header>
      <button type="button" class="back" onClick={() => desk.select(null)}>
        Back
      </button>
      <div class="who">
        <h1 tabIndex={-1}>
          {chat.important && (
            <span class="star-mark" role="img" aria-label="Important">
              ★
            </span>
          )}
          {contactName(contact)}
        </h1>
        <p class="hint">{placeWords(chat, agent)}</p>
        {open && seen !== undefined && seen !== "online" && (
          <p class="hint">The visitor sees you as {seen}.</p>
        )}
        {!details && <FieldList contact={contact} />}
      </div>
      <div class="buttons">
        {open && <OwnDeeds desk={desk} chat={chat} />}
        {!mine && <OthersDeeds desk={desk} agent={agent} chat={chat} part={part} />}
        {agent.ended.some(({ id }) => id === chat.id) && (
          <button type="button" onClick={() => desk.putAway(chat.id)}>
            Put away
          </button>
        )}
        <button type="button" aria-pressed={details} onClick={() => desk.toggleDetails()}>
          Details
        </button>
      </div>
    </header>
  );
}

type Asked = HandOver | "close" | null;

function OwnDeeds({ desk, chat }: { desk: Desk; chat: Chat }) {
  const [asked, setAsked] = useState<Asked>(null);
  const [busy, setBusy] = useState(false);
  const menu = useRef<HTMLDivElement>(null);
  // A node of the release before does not tell who takes part, and hands nothing over.
  const hands = chat.participants.length > 0;
  const ask = (what: Asked) => () => setAsked(what);
  const handed = (): void => {
    setAsked(null);
    // The line of the menu that opened the dialog is gone with its box.
    menu.current?.querySelector("button")?.focus();
  };
  const leave = async (): Promise<void> => {
    setBusy(true);
    await desk.run(desk.deeds.leave(chat.id));
    setBusy(false);
  };
  return (
    <>
      {hands && (
        <div ref={menu}>
          <Disclosure class="menu" title="Hand over" label="Hand over">
            <ul class="choices">
              <li>
                <button type="button" class="choice" onClick={ask("transfer")}>
                  Transfer to an agent or a queue…
                </button>
              </li>
              <li>
                <button type="button" class="choice" onClick={ask("invite")}>
                  Invite somebody to join…
                </button>
              </li>
              <li>
                <button type="button" class="choice" onClick={ask("assist")}>
                  Ask for help…
                </button>
              </li>
            </ul>
          </Disclosure>
        </div>
      )}
      {chat.agents.length > 1 && (
        <button type="button" disabled={busy} onClick={() => void leave()}>
          Leave
        </button>
      )}
      <button type="button" onClick={ask("close")}>
        Close chat
      </button>
      {asked === "close" && <CloseDialog desk={desk} chat={chat} onClose={ask(null)} />}
      {asked !== null && asked !== "close" && (
        <HandOverDialog desk={desk} chat={chat} kind={asked} onClose={handed} />
      )}
    </>
  );
}

interface OthersProps {
  desk: Desk;
  agent: AgentState;
  chat: Chat;
  part: Part;
}

/** What is open to who does not answer the chat. */
function OthersDeeds({ desk, agent, chat, part }: OthersProps) {
  const [busy, setBusy] = useState(false);
  const run = async (deed: Promise<unknown>): Promise<void> => {
    setBusy(true);
    await desk.run(deed);
    setBusy(false);
  };
  if (takeable(chat)) {
    return (
      <button type="button" class="primary" disabled={busy} onClick={() => void desk.take(chat.id)}>
        Take
      </button>
    );
  }
  // As above: a node that does not tell who takes part lets nobody listen.
  if (
    chat.state !== "active" ||
    chat.participants.length === 0 ||
    (part === "none" && !leads(agent.me.role))
  )
    return null;
  return (
    <>
      {part === "none" ? (
        <>
          <button
            type="button"
            title="Nobody sees it"
            disabled={busy}
            onClick={() => void run(desk.deeds.listen(chat.id, false))}
          >
            Listen
          </button>
          <button
            type="button"
            title="The agents see it; the visitor does not"
            disabled={busy}
            onClick={() => void run(desk.deeds.listen(chat.id, true))}
          >
            Help
          </button>
        </>
      ) : (
        <button type="button" disabled={busy} onClick={() => void run(desk.deeds.leave(chat.id))}>
          {part === "listener" ? "Stop listening" : "Stop helping"}
        </button>
      )}
      <button type="button" disabled={busy} onClick={() => void run(desk.deeds.takeOver(chat.id))}>
        Take over
      </button>
    </>
  );
}
