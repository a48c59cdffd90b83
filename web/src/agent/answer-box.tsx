// The box to answer: a message to the visitor or a note for colleagues, with canned answers behind a
// slash, and files.

import { useEffect, useId, useRef, useState } from "preact/hooks";
import { AttachButton, UploadChips } from "../shared/attachments";
import { Composer } from "../shared/composer";
import { useStore } from "../shared/hooks";
import type { Chat, Template } from "../shared/protocol";
import { explain } from "../shared/words";
import { noteOf, type Desk } from "./desk";
import { slashQuery } from "./templates";

interface Props {
  desk: Desk;
  chat: Chat;
  /** Who is written to. */
  name: string;
  drafts: Readonly<Record<string, string>>;
  /** Whether the visitor can be written to; a note can always be. */
  answers: boolean;
}

// A word is typed faster than each of its letters is worth asking for.
const PAUSE_MS = 120;

export function AnswerBox({ desk, chat, name, drafts, answers }: Props) {
  // Who has only noted so far and answers now means the visitor.
  const [noting, setNoting] = useState(false);
  const note = noting || !answers;
  const draft = drafts[note ? noteOf(chat.id) : chat.id] ?? "";
  const uploads = useStore(desk.uploads.store).filter(({ chat_id }) => chat_id === chat.id);
  const found = useTemplates(desk, chat, note ? "" : draft);

  const send = (text: string): void => {
    if (note) desk.note(chat.id, text);
    else desk.send(chat.id, text);
  };
  const whole = useRef<HTMLDivElement>(null);
  const begin = (): void => {
    desk.write(chat.id, "/");
    whole.current?.querySelector("textarea")?.focus();
  };
  return (
    <div ref={whole} class="answer-box">
      <Composer
        label={note ? "Internal note" : `Message to ${name}`}
        placeholder={note ? "For colleagues only" : "Write an answer"}
        class={note ? "noting" : ""}
        text={draft}
        ready={!note && uploads.some(({ card }) => card !== null)}
        waits={!note && uploads.some(({ card, fault }) => card === null && fault === null)}
        onText={(text) => (note ? desk.writeNote(chat.id, text) : desk.write(chat.id, text))}
        onSend={send}
        {...(note ? {} : { onFiles: (files: File[]) => desk.attach(chat.id, files) })}
        onKey={found.onKey}
        field={found.field}
        above={
          <>
            {found.view}
            {answers && (
              <div class="kinds" role="group" aria-label="Who reads it">
                <button type="button" aria-pressed={!note} onClick={() => setNoting(false)}>
                  To the visitor
                </button>
                <button type="button" aria-pressed={note} onClick={() => setNoting(true)}>
                  Internal note
                </button>
                {!note && (
                  <button
                    type="button"
                    class="slash"
                    title="Or type / in the empty box"
                    disabled={draft.trim() !== ""}
                    onClick={begin}
                  >
                    / Templates
                  </button>
                )}
              </div>
            )}
            {!note && <UploadChips uploads={desk.uploads} list={uploads} />}
          </>
        }
        tools={!note && <AttachButton onFiles={(files) => desk.attach(chat.id, files)} />}
      />
    </div>
  );
}

/** The canned answers that fit what stands behind the slash, as a list that the keyboard walks. */
function useTemplates(desk: Desk, chat: Chat, draft: string) {
  const id = useId();
  const query = slashQuery(draft);
  const [list, setList] = useState<readonly Template[] | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [at, setAt] = useState(0);
  /** The draft for which the list was put away. */
  const [away, setAway] = useState<string | null>(null);
  const busy = useRef(false);

  useEffect(() => {
    if (query === null) return setList(null);
    const control = new AbortController();
    const timer = setTimeout(() => {
      desk.templates.search(query, chat.office_id, control.signal).then(
        (found) => {
          setList(found);
          setFault(null);
          setAt(0);
        },
        (error: unknown) => {
          if (!control.signal.aborted) setFault(explain(error));
        },
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      control.abort();
    };
  }, [query, chat.office_id]);

  const open = query !== null && away !== draft && (list !== null || fault !== null);
  const choose = async (template: Template): Promise<void> => {
    if (busy.current) return;
    busy.current = true;
    try {
      desk.write(chat.id, await desk.templates.render(template.id, chat.id));
    } catch (error) {
      setFault(explain(error));
    } finally {
      busy.current = false;
    }
  };
  const onKey = (event: KeyboardEvent): boolean => {
    if (!open) return false;
    const count = list?.length ?? 0;
    if (event.key === "Escape") setAway(draft);
    else if (event.key === "ArrowDown" && count > 0) setAt((at + 1) % count);
    else if (event.key === "ArrowUp" && count > 0) setAt((at + count - 1) % count);
    else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey && list?.[at]) {
      void choose(list[at]);
    } else return false;
    event.preventDefault();
    return true;
  };
  const view = open && (
    <div class="suggestions">
      {fault !== null && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      {list?.length === 0 && <p class="hint">No template fits.</p>}
      <ul id={id} role="listbox" aria-label="Templates" hidden={(list?.length ?? 0) === 0}>
        {list?.map((template, index) => (
          <li
            key={template.id}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === at}
            // The box keeps the focus.
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => void choose(template)}
          >
            <span class="name">{template.name}</span>
            {template.shortcut !== null && <span class="hint">/{template.shortcut}</span>}
            <span class="preview">{template.text}</span>
          </li>
        ))}
      </ul>
      <p class="hidden" role="status">
        {list === null ? "" : `${list.length} templates`}
      </p>
    </div>
  );
  const shown = open && (list?.length ?? 0) > 0;
  const field = {
    "aria-autocomplete": "list",
    "aria-controls": shown ? id : undefined,
    "aria-activedescendant": shown ? `${id}-${at}` : undefined,
  };
  return { view, onKey, field };
}
