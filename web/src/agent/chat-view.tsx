// One chat: who it is with, its messages, and the box to answer. One in which the agent takes no part
// is shown as it is, with what can be done about it.

import { useEffect, useRef } from "preact/hooks";
import { EMPTY, type Notice } from "../shared/conversation";
import { useNow } from "../shared/hooks";
import { UNREAD } from "../shared/marks";
import { Messages } from "../shared/messages";
import { joinedWords, toldWords } from "../shared/notices";
import type { Entry } from "../shared/outbox";
import type { Author, Chat } from "../shared/protocol";
import { AnswerBox } from "./answer-box";
import { ChatHeader } from "./chat-header";
import { contactName } from "./contact";
import type { Desk } from "./desk";
import { Details } from "./details";
import { useFocusKept } from "./focus";
import { HandOverBar } from "./hand-over-bar";
import { partIn, type Part } from "./parts";
import { known, type AgentState } from "./state";
import { WrapUpBar } from "./wrap-up";

interface Props {
  desk: Desk;
  agent: AgentState;
  chat: Chat;
  drafts: Readonly<Record<string, string>>;
  entries: readonly Entry[];
  /** Whether what is known beside the messages is shown. */
  details: boolean;
}

export function ChatView({ desk, agent, chat, drafts, entries, details }: Props) {
  const section = useRef<HTMLElement>(null);
  const now = useNow();
  const name = contactName(known(agent, chat.contact));
  const part = partIn(agent, chat);
  const mine = part === "agent";
  const open = chat.state === "active";

  useEffect(() => {
    const { current } = section;
    const box = current?.querySelector<HTMLElement>(".composer textarea");
    // Without a box to write in, the keyboard goes on from the name.
    (box ?? current?.querySelector<HTMLElement>("h1"))?.focus();
  }, []);

  const own = (author: Author): boolean =>
    author.kind === "agent" && author.agent_id === agent.me.id;
  const nameOf = (author: Author): string =>
    author.kind === "visitor" ? name : author.kind === "agent" ? author.name : "Deskbell";
  const notice = (item: Notice): string => {
    if (item.kind === "told") return toldWords(item.what, item.name);
    if (item.kind === "joined") return joinedWords(item.names);
    if (item.by.kind === "visitor") return `${name} ended the chat.`;
    if (item.by.kind === "system") return "The chat was closed.";
    return item.by.agent_id === agent.me.id ? "You closed the chat." : "An agent closed the chat.";
  };

  const work = agent.wrap_ups.find((wrap_up) => wrap_up.chat.id === chat.id);
  // What ends takes its buttons along.
  useFocusKept(`${chat.state} ${part} ${work === undefined}`, () =>
    section.current?.querySelector<HTMLElement>("h1"),
  );
  const there =
    agent.presence.offices.find(({ office_id }) => office_id === chat.office_id) ?? agent.presence;
  const forbidden = there.reason === "status_forbids_chats";
  const typing = agent.typing[chat.id];
  const types = typing !== undefined && typing.until > now;
  return (
    <section ref={section} class="chat" aria-label={`Chat with ${name}`}>
      <ChatHeader desk={desk} agent={agent} chat={chat} details={details} />
      <div class="chat-body">
        <div class="talk">
          <Messages
            label={`Messages with ${name}`}
            conversation={agent.conversations[chat.id] ?? EMPTY}
            entries={entries}
            loading={!agent.loaded.has(chat.id)}
            base=""
            mine={own}
            nameOf={nameOf}
            notice={notice}
            mark={chat.visitor_mark ?? UNREAD}
            typing={types ? <Typing name={nameOf(typing.author)} text={typing.text} /> : null}
            onRetry={(id) => desk.retry(id)}
            onDiscard={(id) => desk.outbox.remove(id)}
            {...(mine && open
              ? {
                  onEdit: (message, text) => desk.edit(chat.id, message.id, text),
                  onDelete: async (message) => void (await desk.deeds.delete(chat.id, message.id)),
                }
              : {})}
          />
          {open && chat.hand_over !== null && (
            <HandOverBar desk={desk} agent={agent} chat={chat} hand_over={chat.hand_over} />
          )}
          {mine && open && forbidden && (
            <p class="over">Your status has no part in chats. Choose another one to answer.</p>
          )}
          {open && (mine || part === "assistant") ? (
            <AnswerBox
              desk={desk}
              chat={chat}
              name={name}
              drafts={drafts}
              answers={mine && !forbidden}
            />
          ) : (
            work === undefined && <p class="over">{overWords(chat, part)}</p>
          )}
          {work !== undefined && <WrapUpBar desk={desk} chat={chat} until={work.until} />}
        </div>
        {details && (
          <Details
            key={chat.contact.id}
            desk={desk}
            chat={chat}
            onClose={() => desk.toggleDetails()}
          />
        )}
      </div>
    </section>
  );
}

function Typing({ name, text }: { name: string; text: string }) {
  if (text.trim() === "") return <>{name} is typing…</>;
  // It changes with every key: who hears the page is told once that somebody types.
  return (
    <>
      {name} is typing…
      <span class="unsent" aria-hidden="true" dir="auto">
        {text}
      </span>
    </>
  );
}

function overWords(chat: Chat, part: Part): string {
  switch (chat.state) {
    case "waiting":
      return "This chat waits for an agent. Take it to answer.";
    case "offered":
      return "This chat rings at an agent. Take it to answer.";
    case "offline_message":
      return "This message was left while nobody was there. Take it to answer.";
    case "active":
      return part === "listener"
        ? "You read along. Nobody in the chat sees it."
        : "You take no part in this chat.";
    default:
      return "This chat is closed.";
  }
}
