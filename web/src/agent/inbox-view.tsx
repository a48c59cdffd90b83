// The inbox: its views as tabs, and the chats of the one in view.

import { useRef } from "preact/hooks";
import { stopwatch, timeOf } from "../shared/format";
import { useNow, useStore } from "../shared/hooks";
import type { Entry } from "../shared/outbox";
import type { Chat } from "../shared/protocol";
import { ChatList } from "./chat-list";
import { contactName } from "./contact";
import type { Desk, DeskState } from "./desk";
import { countWords, VIEW_WORDS, VIEWS, type InboxState, type View } from "./inbox";
import { withNames } from "./parts";
import { known, type AgentState } from "./state";

interface Props {
  desk: Desk;
  state: DeskState;
  agent: AgentState;
  entries: readonly Entry[];
  current: string | null;
}

export function InboxView(props: Props) {
  const { desk, agent } = props;
  const inbox = useStore(desk.inbox.store);
  if (inbox.absent) return <ChatList {...props} />;
  return (
    <section class="inbox" aria-label="Chats">
      <Tabs desk={desk} inbox={inbox} mine={agent.chats.length} />
      <div role="tabpanel" id="inbox-panel" aria-labelledby={`tab-${inbox.view}`} tabIndex={-1}>
        {inbox.fault !== null && (
          <p class="fault" role="alert">
            {inbox.fault}
          </p>
        )}
        {inbox.view === "mine" ? (
          <ChatList {...props} />
        ) : (
          <Listed key={inbox.view} {...props} inbox={inbox} />
        )}
      </div>
    </section>
  );
}

function Tabs({ desk, inbox, mine }: { desk: Desk; inbox: InboxState; mine: number }) {
  const list = useRef<HTMLDivElement>(null);
  const go = (view: View): void => {
    desk.inbox.show(view);
    list.current?.querySelector<HTMLElement>(`#tab-${view}`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = VIEWS.indexOf(inbox.view);
    const step = { ArrowRight: 1, ArrowLeft: -1, Home: -at, End: VIEWS.length - 1 - at }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    go(VIEWS[(at + step + VIEWS.length) % VIEWS.length]!);
  };
  return (
    <div ref={list} class="tabs" role="tablist" aria-label="Inbox" onKeyDown={onKeyDown}>
      {VIEWS.map((view) => {
        // One's own are known without asking.
        const count = view === "mine" ? mine : inbox.counts?.[view];
        const urgent = view === "waiting" && (count ?? 0) > 0;
        return (
          <button
            key={view}
            type="button"
            role="tab"
            id={`tab-${view}`}
            aria-selected={inbox.view === view}
            aria-controls="inbox-panel"
            tabIndex={inbox.view === view ? 0 : -1}
            onClick={() => go(view)}
          >
            {VIEW_WORDS[view]}
            {/* As wide before it is known as after. */}
            <span class={urgent ? "tally urgent" : "tally"}>
              {count === undefined ? "" : countWords(count)}
            </span>
          </button>
        );
      })}
    </div>
  );
}

const EMPTY_WORDS: Record<Exclude<View, "mine">, string> = {
  waiting: "Nobody waits in your queues.",
  offline: "No messages were left.",
  all: "No open chats.",
};

function Listed(props: Props & { inbox: InboxState }) {
  const { desk, inbox } = props;
  if (inbox.chats === null) return inbox.fault === null ? <p class="hint">Loading…</p> : null;
  const view = inbox.view as Exclude<View, "mine">;
  if (inbox.chats.length === 0) return <p class="hint">{EMPTY_WORDS[view]}</p>;
  return (
    <>
      <ul class="chats">
        {inbox.chats.map((chat) => (
          <ListedChat key={chat.id} chat={chat} {...props} />
        ))}
      </ul>
      {inbox.next_cursor !== null && (
        <button type="button" class="more" onClick={() => void desk.inbox.more()}>
          Show more
        </button>
      )}
    </>
  );
}

function ListedChat({ desk, agent, chat, current }: Props & { chat: Chat }) {
  const name = contactName(known(agent, chat.contact));
  const mine = agent.chats.some(({ id }) => id === chat.id);
  return (
    <li class={chat.important ? "listed important" : "listed"}>
      <button
        type="button"
        class="chat-item"
        aria-current={current === chat.id}
        onClick={() => desk.select(chat.id)}
      >
        <span class="name">{name}</span>
        <Age chat={chat} />
        <span class="preview">{placeWords(chat, agent)}</span>
      </button>
      {takeable(chat) && !mine && (
        <button
          type="button"
          class="take"
          aria-label={`Take the chat of ${name}`}
          onClick={() => void desk.take(chat.id)}
        >
          Take
        </button>
      )}
    </li>
  );
}

function Age({ chat }: { chat: Chat }) {
  const now = useNow();
  if (chat.state !== "waiting" && chat.state !== "offered") {
    return <time dateTime={chat.started_at}>{timeOf(chat.started_at, now)}</time>;
  }
  return (
    <span class="clock" aria-label="waiting for">
      {stopwatch((now - Date.parse(chat.started_at)) / 1000)}
    </span>
  );
}

/** Whether an agent may take it without an offer. */
export function takeable(chat: Chat): boolean {
  return ["waiting", "offered", "offline_message"].includes(chat.state);
}

/** Returns where a chat is and what is going on with it. */
export function placeWords(chat: Chat, agent: AgentState): string {
  const queue = agent.queues.find(({ id }) => id === chat.queue_id)?.name;
  const office = agent.offices.find(({ id }) => id === chat.office_id)?.name;
  const place = queue ?? office ?? "";
  return [place, courseWords(chat, agent.me.id)].filter((words) => words !== "").join(" · ");
}

function courseWords(chat: Chat, me: string): string {
  switch (chat.state) {
    case "waiting":
      return "waits";
    case "offered":
      return "rings";
    case "offline_message":
      return chat.contact.email ?? "left a message";
    case "active": {
      const names = withNames(chat, me);
      // What was known of it last: whoever had it has handed it on.
      return names.length === 0 ? "handed on" : `with ${names.join(", ")}`;
    }
    case "wrap_up":
      return "ended, being wrapped up";
    default:
      return chat.state;
  }
}
