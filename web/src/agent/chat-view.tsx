// One chat: who it is with, its messages, and the box to answer.

import { useEffect, useRef, useState } from "preact/hooks";
import { EMPTY, type Notice } from "../shared/conversation";
import { useNow } from "../shared/hooks";
import { Composer, Messages } from "../shared/messages";
import type { Entry } from "../shared/outbox";
import type { Author, Chat } from "../shared/protocol";
import { contactName, FieldList } from "./contact";
import type { Desk } from "./desk";
import type { AgentState } from "./state";

interface Props {
  desk: Desk;
  agent: AgentState;
  chat: Chat;
  draft: string;
  entries: readonly Entry[];
}

export function ChatView({ desk, agent, chat, draft, entries }: Props) {
  const section = useRef<HTMLElement>(null);
  const now = useNow();
  const name = contactName(chat.contact);
  const open = chat.state !== "closed";
  const queue = agent.queues.find((known) => known.id === chat.queue_id)?.name;

  useEffect(() => {
    section.current?.querySelector("textarea")?.focus();
  }, []);

  const mine = (author: Author): boolean =>
    author.kind === "agent" && author.agent_id === agent.me.id;
  const nameOf = (author: Author): string =>
    author.kind === "visitor" ? name : author.kind === "agent" ? author.name : "Deskbell";
  const notice = (item: Notice): string => {
    if (item.kind === "joined") return `${item.names.join(" and ")} joined.`;
    if (item.by.kind === "visitor") return `${name} ended the chat.`;
    if (item.by.kind === "system") return "The chat was closed.";
    return item.by.agent_id === agent.me.id ? "You closed the chat." : "An agent closed the chat.";
  };

  const seen = chat.agents.find(({ id }) => id === agent.me.id)?.status;
  const there =
    agent.presence.offices.find(({ office_id }) => office_id === chat.office_id) ?? agent.presence;
  const typing = agent.typing[chat.id];
  const types = typing !== undefined && typing.until > now;
  return (
    <section ref={section} class="chat" aria-label={`Chat with ${name}`}>
      <header>
        <button type="button" class="back" onClick={() => desk.select(null)}>
          Back
        </button>
        <div class="who">
          <h1>{name}</h1>
          {queue !== undefined && <p class="hint">{queue}</p>}
          {open && seen !== undefined && seen !== "online" && (
            <p class="hint">The visitor sees you as {seen}.</p>
          )}
          <FieldList contact={chat.contact} />
        </div>
        {open ? (
          <CloseButton onClose={() => desk.close(chat.id)} />
        ) : (
          <button type="button" onClick={() => desk.putAway(chat.id)}>
            Put away
          </button>
        )}
      </header>
      <Messages
        label={`Messages with ${name}`}
        conversation={agent.conversations[chat.id] ?? EMPTY}
        entries={entries}
        loading={!agent.loaded.has(chat.id)}
        mine={mine}
        nameOf={nameOf}
        notice={notice}
        typing={types ? `${nameOf(typing.author)} is typing…` : null}
        onRetry={(id) => desk.retry(id)}
        onDiscard={(id) => desk.outbox.remove(id)}
      />
      {open && there.reason === "status_forbids_chats" && (
        <p class="over">Your status has no part in chats. Choose another one to answer.</p>
      )}
      {open ? (
        <Composer
          label={`Message to ${name}`}
          placeholder="Write an answer"
          text={draft}
          onText={(text) => desk.write(chat.id, text)}
          onSend={(text) => desk.send(chat.id, text)}
        />
      ) : (
        <p class="over">This chat is closed.</p>
      )}
    </section>
  );
}

/** Asks once more, since a closed chat stays closed. */
function CloseButton({ onClose }: { onClose(): Promise<void> }) {
  const [asked, setAsked] = useState(false);
  const [busy, setBusy] = useState(false);
  if (!asked) {
    return (
      <button type="button" onClick={() => setAsked(true)}>
        Close chat
      </button>
    );
  }
  const close = async (): Promise<void> => {
    setBusy(true);
    await onClose();
    setBusy(false);
    setAsked(false);
  };
  return (
    <div class="buttons" role="group" aria-label="Close this chat?">
      <button type="button" class="danger" disabled={busy} onClick={() => void close()}>
        Close for good
      </button>
      <button type="button" disabled={busy} onClick={() => setAsked(false)}>
        Keep open
      </button>
    </div>
  );
}
