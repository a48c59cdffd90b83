// What the visitor sees: a conversation, the start of one, or that nobody is there.

import { useState } from "preact/hooks";
import { EMPTY, type Notice } from "../shared/conversation";
import { roughly, timeOf } from "../shared/format";
import { useNow, useStore } from "../shared/hooks";
import { AttachButton, UploadChips } from "../shared/attachments";
import { Composer } from "../shared/composer";
import { UNREAD } from "../shared/marks";
import { Messages } from "../shared/messages";
import { joinedWords, toldWords } from "../shared/notices";
import type { Author, VisitorChat } from "../shared/protocol";
import { serverNow } from "../shared/clock";
import { saveText } from "../shared/save";
import { connectionWords, explain } from "../shared/words";
import { ByEmail } from "./by-email";
import { Earlier } from "./earlier";
import { Faces, Seen } from "./faces";
import { Fields, filled, missing } from "./fields";
import { BackAt, OfflineForm } from "./offline-form";
import { liveOffice } from "./offices";
import { RatingForm } from "./rating";
import { currentChat, isOver } from "./state";
import { isSeen } from "./unsent";
import type { Visit, VisitState } from "./visit";

const SEEN_HINT = "seen-hint";

export function PanelView({ visit, onClose }: { visit: Visit; onClose(): void }) {
  const state = useStore(visit.store);
  const entries = useStore(visit.outbox.store);
  if (!state.open) return null;

  const chat = currentChat(state.visitor);
  const talking = chat !== null || state.expecting || entries.length > 0;
  const title = state.config?.name ?? "Chat";
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Escape") onClose();
  };
  return (
    <section class="panel" role="dialog" aria-label={title} onKeyDown={onKeyDown}>
      <div class="head">
        <h1>{title}</h1>
        {chat !== null && !isOver(chat) && <EndButton visit={visit} key={chat.id} />}
        <button type="button" class="close" aria-label="Close" onClick={onClose}>
          <span aria-hidden="true">×</span>
        </button>
      </div>
      {state.note !== null && (
        <p class="note" role="status">
          {state.note}
        </p>
      )}
      {talking ? (
        <Talk visit={visit} state={state} chat={chat} />
      ) : state.mode === "live" ? (
        <Start visit={visit} state={state} />
      ) : state.mode === "messenger" ? (
        <OfflineForm visit={visit} state={state} />
      ) : (
        <div class="greeting">
          <p>Nobody is there at the moment.</p>
          <BackAt offices={state.offices} />
        </div>
      )}
    </section>
  );
}

interface TalkProps {
  visit: Visit;
  state: VisitState;
  chat: VisitorChat | null;
}

function Talk({ visit, state, chat }: TalkProps) {
  useNow();
  const entries = visit.outbox.entries.filter(
    (entry) => chat === null || entry.chat_id === null || entry.chat_id === chat.id,
  );
  const trouble = connectionWords(state.connection, Date.now());
  const ended = chat !== null && isOver(chat);
  const deferred = chat?.state === "offline_message";
  // The queue has put it into the inbox, and nobody knows where to answer.
  const lost = deferred && chat.has_email === false;
  const typing = chat === null ? undefined : state.visitor.typing[chat.id];
  const types = typing !== undefined && typing.until > serverNow();

  return (
    <>
      {trouble !== null && !ended && (
        <p class="trouble" role="status">
          {trouble}
        </p>
      )}
      {chat !== null && !ended && <Seen agents={chat.agents} />}
      <Messages
        label="Messages"
        base={visit.base}
        conversation={(chat && state.visitor.conversations[chat.id]) ?? EMPTY}
        entries={entries}
        loading={chat === null ? state.expecting : !state.visitor.loaded.has(chat.id)}
        mine={(author) => author.kind === "visitor"}
        nameOf={nameOf}
        notice={notice}
        mark={chat?.agents_mark ?? UNREAD}
        typing={types ? `${nameOf(typing.author)} is typing…` : null}
        onRetry={(id) => visit.retry(id)}
        onDiscard={(id) => visit.outbox.remove(id)}
        {...(chat === null || ended
          ? {}
          : {
              onPress: (message, button) => visit.press(message, button),
              onEdit: (message, text) => visit.edit(message, text),
              onDelete: (message) => visit.delete(message),
            })}
      >
        {chat !== null && <Earlier visit={visit} chat_id={chat.id} nameOf={nameOf} key={chat.id} />}
      </Messages>
      {chat !== null && !ended && <Line chat={chat} />}
      {chat?.state === "waiting" && <ByEmail key={chat.id} visit={visit} chat_id={chat.id} />}
      {chat !== null && lost && <ByEmail key={chat.id} visit={visit} chat_id={chat.id} needed />}
      {chat !== null && !ended && <Closing at={state.visitor.closes_at[chat.id]} />}
      {/* A node of the release before takes no ratings, and tells of none. */}
      {ended && chat.score !== undefined && chat.agents.length > 0 && (
        <RatingForm key={chat.id} visit={visit} chat_id={chat.id} given={chat.score} />
      )}
      {isSeen(chat, state.shows_unsent) && (
        <p class="line" id={SEEN_HINT}>
          What you type can be seen before you send it.
        </p>
      )}
      {!deferred && (
        <MessageBox
          visit={visit}
          state={state}
          goes_on={ended}
          seen={isSeen(chat, state.shows_unsent)}
        />
      )}
      {ended && (
        <p class="over" role="status">
          {deferred && !lost && "Your message was kept, and the answer comes by email. "}
          <button type="button" class="plain" onClick={() => visit.startAgain()}>
            {state.mode === "live" ? "Start a new chat" : "Leave a message"}
          </button>{" "}
          {chat !== null && <SaveButton visit={visit} chat_id={chat.id} key={chat.id} />}
        </p>
      )}
    </>
  );
}

/** Where a waiting visitor stands. */
function Line({ chat }: { chat: VisitorChat }) {
  if (chat.state !== "waiting" && chat.state !== "offered") return null;
  const wait = chat.estimated_wait_s;
  return (
    <p class="line" role="status">
      {chat.position === null || chat.position <= 1
        ? "You are next in line."
        : `You are number ${chat.position} in line.`}
      {wait !== null && ` It takes ${roughly(wait)}.`}
    </p>
  );
}

/** The chat closes for silence, unless something is said. */
function Closing({ at }: { at: string | undefined }) {
  return (
    <p class={at === undefined ? "hidden" : "line warning"} role="status">
      {at !== undefined && `Are you still there? This chat closes at ${timeOf(at)}.`}
    </p>
  );
}

function Start({ visit, state }: { visit: Visit; state: VisitState }) {
  const fields = state.config?.live.fields ?? [];
  const office = liveOffice(state.offices);
  const [fault, setFault] = useState<string | null>(null);

  const send = (text: string): void => {
    const lacking = missing(fields, state.form);
    setFault(lacking);
    if (lacking === null) visit.send(text, filled(state.form));
  };
  return (
    <>
      <div class="greeting">
        <p>Hello! Write to us, and somebody will answer you here.</p>
        {office !== null && <Faces office={office} />}
        <Fields
          fields={fields}
          values={state.form}
          onValues={(form) => visit.fill(form)}
          faults={state.faults}
        />
        {fault !== null && (
          <p class="fault" role="alert">
            {fault}
          </p>
        )}
      </div>
      <MessageBox visit={visit} state={state} send={send} />
    </>
  );
}

interface BoxProps {
  visit: Visit;
  state: VisitState;
  send?(text: string): void;
  /** The chat is over; what is written makes it go on, or begins another one. */
  goes_on?: boolean;
  /** What stands in it is seen before it is sent, as the line above it says. */
  seen?: boolean;
}

function MessageBox({ visit, state, send, goes_on, seen }: BoxProps) {
  const uploads = useStore(visit.uploads.store);
  const attach = (files: File[]): void => visit.attach(files);
  return (
    <Composer
      label="Your message"
      placeholder={goes_on === true ? "Write to go on" : "Write a message"}
      text={state.draft}
      ready={uploads.some(({ card }) => card !== null)}
      waits={uploads.some(({ card, fault }) => card === null && fault === null)}
      onText={(text) => visit.write(text)}
      onSend={(text) => (send === undefined ? visit.send(text) : send(text))}
      onFiles={attach}
      field={{ "aria-describedby": seen === true ? SEEN_HINT : undefined }}
      above={<UploadChips uploads={visit.uploads} list={uploads} />}
      tools={<AttachButton onFiles={attach} />}
    />
  );
}

/** Keeps what was said as a file. */
function SaveButton({ visit, chat_id }: { visit: Visit; chat_id: string }) {
  const [fault, setFault] = useState<string | null>(null);
  const save = async (): Promise<void> => {
    setFault(null);
    try {
      saveText(`chat-${chat_id}.txt`, await visit.transcript(chat_id));
    } catch (error) {
      setFault(explain(error));
    }
  };
  return (
    <>
      <button type="button" class="plain" onClick={() => void save()}>
        Save this conversation
      </button>
      {fault !== null && <span class="fault">{fault}</span>}
    </>
  );
}

/** Asks once more, since an ended chat stays ended. */
function EndButton({ visit }: { visit: Visit }) {
  const [asked, setAsked] = useState(false);
  if (!asked) {
    return (
      <button type="button" onClick={() => setAsked(true)}>
        End chat
      </button>
    );
  }
  const end = (): void => {
    setAsked(false);
    void visit.endChat();
  };
  return (
    <>
      <button type="button" class="danger" onClick={end}>
        Really end
      </button>
      <button type="button" onClick={() => setAsked(false)}>
        Stay
      </button>
    </>
  );
}

function nameOf(author: Author): string {
  return author.kind === "agent" ? author.name : author.kind === "visitor" ? "You" : "";
}

function notice(item: Notice): string {
  if (item.kind === "told") return toldWords(item.what, item.name);
  if (item.kind === "joined") return joinedWords(item.names);
  return item.by.kind === "visitor" ? "You ended the chat." : "The chat has ended.";
}
