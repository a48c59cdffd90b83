// The agent's open chats, and those that ended while the page was open.

import { timeOf } from "../shared/format";
import { useNow } from "../shared/hooks";
import { contentOf, plain } from "../shared/markup";
import type { Entry } from "../shared/outbox";
import type { Chat, Message } from "../shared/protocol";
import { contactName } from "./contact";
import type { Desk, DeskState } from "./desk";
import { known, type AgentState } from "./state";

interface Props {
  desk: Desk;
  state: DeskState;
  agent: AgentState;
  entries: readonly Entry[];
  /** The chat in view. */
  current: string | null;
}

export function ChatList(props: Props) {
  const { chats, wrap_ups, ended } = props.agent;
  return (
    <>
      <section aria-labelledby="chats-title">
        <h2 id="chats-title">
          My chats{" "}
          <span class="count">
            {chats.length} of {props.agent.me.capacity}
          </span>
        </h2>
        {chats.length === 0 && <p class="hint">No open chats.</p>}
        <ul class="chats">
          {chats.map((chat) => (
            <ChatItem key={chat.id} chat={chat} {...props} />
          ))}
        </ul>
      </section>
      {wrap_ups.length > 0 && (
        <section aria-labelledby="after-title">
          <h2 id="after-title">After the chat</h2>
          <ul class="chats">
            {wrap_ups.map(({ chat }) => (
              <ChatItem key={chat.id} chat={chat} {...props} />
            ))}
          </ul>
        </section>
      )}
      {ended.length > 0 && (
        <section aria-labelledby="ended-title">
          <h2 id="ended-title">Ended</h2>
          <ul class="chats ended">
            {ended.map((chat) => (
              <ChatItem key={chat.id} chat={chat} {...props} />
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function ChatItem({ desk, state, agent, entries, current, chat }: Props & { chat: Chat }) {
  const messages = agent.conversations[chat.id]?.messages ?? [];
  const last = messages.at(-1);
  const seen = state.read[chat.id] ?? 0;
  const unread = messages.filter((m) => m.seq > seen && m.author.kind === "visitor").length;
  const failed = entries.some((entry) => entry.chat_id === chat.id && entry.refused !== null);
  const now = useNow();
  const types = (agent.typing[chat.id]?.until ?? 0) > now;
  const author = last?.author;
  const who =
    author?.kind !== "agent" ? "" : author.agent_id === agent.me.id ? "You: " : `${author.name}: `;
  const preview = types ? "typing…" : who + (last === undefined ? "" : gist(last));
  return (
    <li>
      <button
        type="button"
        class="chat-item"
        aria-current={current === chat.id}
        onClick={() => desk.select(chat.id)}
      >
        <span class="name">
          {chat.important && (
            <span class="star-mark" role="img" aria-label="Important">
              ★
            </span>
          )}
          {contactName(known(agent, chat.contact))}
        </span>
        <time dateTime={last?.sent_at ?? chat.started_at}>
          {timeOf(last?.sent_at ?? chat.started_at)}
        </time>
        <span class="preview">{preview}</span>
        <span class="badges">
          {agent.reminded.has(chat.id) && <span class="badge warn">waits for you</span>}
          {failed && <span class="badge bad">not sent</span>}
          {unread > 0 && (
            <span class="badge">
              {unread}
              <span class="hidden"> unread</span>
            </span>
          )}
        </span>
      </button>
    </li>
  );
}

/** Returns a message in a line. */
function gist(message: Message): string {
  if (message.deleted) return "deleted message";
  const words = plain(contentOf(message));
  return words !== "" ? words : (message.file?.name ?? "");
}
