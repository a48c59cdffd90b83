// Beside a chat: who asks, what the chat is marked with, earlier chats, and why it came here.

import { useEffect, useState } from "preact/hooks";
import { timeOf } from "../shared/format";
import { opens } from "../shared/markup";
import type { Chat, ChatWithRecord, ContactProfile, Page, Tag } from "../shared/protocol";
import { Problem } from "../shared/rest";
import { saveText } from "../shared/save";
import { clean } from "../shared/text";
import { explain } from "../shared/words";
import { Fault, useAttempt } from "./attempt";
import { ChatFields } from "./chat-fields";
import { FieldList } from "./contact";
import type { Desk } from "./desk";
import { Why } from "./why";

interface Props {
  desk: Desk;
  chat: Chat;
  onClose(): void;
}

export function Details({ desk, chat, onClose }: Props) {
  return (
    <aside class="details" aria-label="About this chat">
      <header>
        <h2>Details</h2>
        <button type="button" class="dismiss" aria-label="Hide the details" onClick={onClose}>
          <span aria-hidden="true">×</span>
        </button>
      </header>
      <Profile desk={desk} chat={chat} />
      {chat.score !== undefined && <Marks desk={desk} chat={chat} />}
      <Why desk={desk} chat={chat} />
      <Earlier desk={desk} chat={chat} />
      <Transcript desk={desk} chat={chat} key={chat.id} />
    </aside>
  );
}

function Profile({ desk, chat }: { desk: Desk; chat: Chat }) {
  const [profile, setProfile] = useState<ContactProfile | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [editing, setEditing] = useState(false);
  useEffect(() => {
    let stale = false;
    setFault(null);
    desk.rest.get<ContactProfile>(`/v1/contacts/${chat.contact.id}`).then(
      (read) => {
        if (stale) return;
        setProfile(read);
        desk.learnContact(read);
      },
      (error: unknown) => {
        // Who may not read the contact sees what the chat tells of it.
        const unknown = error instanceof Problem && error.status === 404;
        if (!stale && !unknown) setFault(explain(error));
      },
    );
    return () => void (stale = true);
  }, [chat.contact.id]);

  return (
    <section aria-labelledby="contact-title">
      <h3 id="contact-title">Contact</h3>
      {profile !== null && editing ? (
        <ProfileForm
          desk={desk}
          profile={profile}
          onDone={(saved) => {
            if (saved !== null) {
              setProfile(saved);
              desk.learnContact(saved);
              desk.inbox.touch();
            }
            setEditing(false);
          }}
        />
      ) : (
        <>
          <p class="name">{profile?.name ?? chat.contact.name ?? "No name given"}</p>
          <FieldList contact={{ ...chat.contact, ...profile, fields: allFields(chat, profile) }} />
          {profile?.note != null && <p class="about">{profile.note}</p>}
          <Fault fault={fault} />
          <RecordLink desk={desk} chat_id={chat.id} />
          {profile !== null && (
            <button type="button" class="plain" onClick={() => setEditing(true)}>
              Edit contact
            </button>
          )}
        </>
      )}
    </section>
  );
}

/** The way to the contact's record in another system, if the queue has one. */
function RecordLink({ desk, chat_id }: { desk: Desk; chat_id: string }) {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    let stale = false;
    setUrl(null);
    desk.rest.get<ChatWithRecord>(`/v1/chats/${chat_id}`).then(
      ({ external_url }) => stale || setUrl(external_url ?? null),
      // It is a convenience; what else is wrong is said elsewhere.
      () => {},
    );
    return () => void (stale = true);
  }, [chat_id]);
  if (url === null || !opens(url)) return null;
  return (
    <p class="record">
      <a href={url} target="_blank" rel="noopener noreferrer">
        Open the record
      </a>
    </p>
  );
}

/** What the form of this chat said, and what is known of the contact otherwise. */
function allFields(chat: Chat, profile: ContactProfile | null): Record<string, string> {
  return { ...profile?.fields, ...chat.contact.fields };
}

interface FormProps {
  desk: Desk;
  profile: ContactProfile;
  onDone(saved: ContactProfile | null): void;
}

function ProfileForm({ desk, profile, onDone }: FormProps) {
  const [name, setName] = useState(profile.name ?? "");
  const [email, setEmail] = useState(profile.email ?? "");
  const [note, setNote] = useState(profile.note ?? "");
  const { busy, fault, attempt } = useAttempt();
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    const given = (text: string): string | null => clean(text) || null;
    await attempt(async () => {
      const patch = { name: given(name), email: given(email), note: given(note) };
      onDone(await desk.rest.patch<ContactProfile>(`/v1/contacts/${profile.id}`, patch));
    });
  };
  return (
    <form class="profile" onSubmit={(event) => void save(event)}>
      <label>
        Name
        <input
          value={name}
          maxLength={100}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      <label>
        Email
        <input
          type="email"
          value={email}
          onInput={(event) => setEmail(event.currentTarget.value)}
        />
      </label>
      <label>
        Note
        <textarea
          rows={3}
          maxLength={4000}
          value={note}
          onInput={(event) => setNote(event.currentTarget.value)}
        />
      </label>
      <Fault fault={fault} />
      <div class="buttons">
        <button type="submit" class="primary" disabled={busy}>
          Save
        </button>
        <button type="button" onClick={() => onDone(null)}>
          Cancel
        </button>
      </div>
    </form>
  );
}

function Marks({ desk, chat }: { desk: Desk; chat: Chat }) {
  const [tags, setTags] = useState<readonly Tag[]>([]);
  const { busy, fault, attempt } = useAttempt();
  useEffect(() => {
    let stale = false;
    desk.lists.tags().then(
      (read) => stale || setTags(read),
      // Without the list those that the chat has can not be named either; the rest is of use.
      () => {},
    );
    return () => void (stale = true);
  }, []);
  const set = chat.tag_ids;
  const toggle = (id: string): void => {
    const tag_ids = set.includes(id) ? set.filter((other) => other !== id) : [...set, id];
    void attempt(() => desk.update(chat.id, { tag_ids }));
  };
  return (
    <section aria-labelledby="marks-title">
      <h3 id="marks-title">This chat</h3>
      <button
        type="button"
        class="star"
        aria-pressed={chat.important}
        disabled={busy}
        onClick={() => void attempt(() => desk.update(chat.id, { important: !chat.important }))}
      >
        <span aria-hidden="true">{chat.important ? "★" : "☆"}</span> Important
      </button>
      {tags.length > 0 && (
        <ul class="tags" aria-label="Tags">
          {tags.map(({ id, name, color }) => (
            <li key={id}>
              <button
                type="button"
                class="tag"
                aria-pressed={set.includes(id)}
                disabled={busy}
                onClick={() => toggle(id)}
              >
                <Swatch color={color} />
                {name}
              </button>
            </li>
          ))}
        </ul>
      )}
      <Fault fault={fault} />
      <ChatFields desk={desk} chat={chat} />
      {chat.missed_targets.length > 0 && (
        <p class="warning">{chat.missed_targets.map(targetWords).join(" ")}</p>
      )}
      {chat.score != null && <p class="hint">Rated {chat.score} of 5 by the visitor.</p>}
    </section>
  );
}

function targetWords(target: string): string {
  switch (target) {
    case "waiting":
      return "It has waited longer than it should.";
    case "first_reply":
      return "The first reply came later than it should.";
    default:
      return `${target.replaceAll("_", " ")}: later than it should.`;
  }
}

function Swatch({ color }: { color: string }) {
  return (
    <svg viewBox="0 0 8 8" width="8" height="8" aria-hidden="true">
      <circle cx="4" cy="4" r="4" fill={color} />
    </svg>
  );
}

const EARLIER_PAGE = 10;

/** The contact's other chats, newest first, by pages. */
function Earlier({ desk, chat }: { desk: Desk; chat: Chat }) {
  const [chats, setChats] = useState<readonly Chat[] | null>(null);
  const [cursor, setCursor] = useState<string | null>(null);
  const { busy, fault, attempt } = useAttempt();

  const read = (on: string | null): Promise<boolean> =>
    attempt(async () => {
      const more = on === null ? "" : `&cursor=${encodeURIComponent(on)}`;
      const path = `/v1/contacts/${chat.contact.id}/chats?limit=${EARLIER_PAGE}${more}`;
      const page = await desk.rest.get<Page<Chat>>(path).catch((error: unknown) => {
        // Who may not read the contact has none of its chats.
        if (error instanceof Problem && error.status === 404)
          return { data: [], next_cursor: null };
        throw error;
      });
      setChats((before) => [...(on === null ? [] : (before ?? [])), ...page.data]);
      setCursor(page.next_cursor);
    });
  useEffect(() => void read(null), [chat.contact.id]);

  const others = chats?.filter(({ id }) => id !== chat.id) ?? [];
  return (
    <section aria-labelledby="earlier-title">
      <h3 id="earlier-title">Other chats of this contact</h3>
      {chats === null && fault === null && <p class="hint">Loading…</p>}
      {chats !== null && others.length === 0 && cursor === null && <p class="hint">None.</p>}
      <ul class="earlier">
        {others.map((other) => (
          <li key={other.id}>
            <button type="button" class="plain" onClick={() => desk.select(other.id)}>
              {timeOf(other.started_at)}
            </button>{" "}
            <span class="hint">
              {[other.agents.map(({ name }) => name).join(", "), other.state.replaceAll("_", " ")]
                .filter((words) => words !== "")
                .join(" · ")}
            </span>
          </li>
        ))}
      </ul>
      <Fault fault={fault} />
      {cursor !== null && (
        <button type="button" class="more" disabled={busy} onClick={() => void read(cursor)}>
          Show more
        </button>
      )}
    </section>
  );
}

/** What was said, as a file. */
function Transcript({ desk, chat }: { desk: Desk; chat: Chat }) {
  const { busy, fault, attempt } = useAttempt();
  const save = (notes: boolean): void => {
    void attempt(async () => {
      const path = `/v1/chats/${chat.id}/transcript${notes ? "?notes=true" : ""}`;
      saveText(`chat-${chat.id}.txt`, await desk.rest.text(path));
    });
  };
  return (
    <section aria-labelledby="transcript-title">
      <h3 id="transcript-title">Transcript</h3>
      <div class="buttons">
        <button type="button" disabled={busy} onClick={() => save(false)}>
          Save
        </button>
        <button type="button" disabled={busy} onClick={() => save(true)}>
          Save with notes
        </button>
      </div>
      <Fault fault={fault} />
    </section>
  );
}
