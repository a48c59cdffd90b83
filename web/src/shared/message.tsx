// One message: what it says, its file and buttons, and what its author can still do with it.

import { useEffect, useRef, useState } from "preact/hooks";
import { FileItem } from "./attachments";
import { Content, contentOf, opens } from "./markup";
import { Time, type MessagesProps } from "./messages";
import type { Button, Message } from "./protocol";
import { clean, textFault } from "./text";
import { explain } from "./words";

type Around = "base" | "mine" | "nameOf" | "mark" | "onPress" | "onEdit" | "onDelete";

interface Props extends Pick<MessagesProps, Around> {
  message: Message;
  /** The newest of this side, which shows how far the other has read. */
  last_own: boolean;
  /** One of its buttons was pressed. */
  pressed: boolean;
}

export function MessageItem(props: Props) {
  const { message, mine, nameOf, base } = props;
  const [editing, setEditing] = useState(false);
  if (message.author.kind === "system") {
    return (
      <li class="notice">
        <Content nodes={contentOf(message)} /> <Time at={message.sent_at} />
      </li>
    );
  }
  const own = mine(message.author);
  const stop = (): void => setEditing(false);
  return (
    <li class={own ? "message own" : `message ${message.author.kind}`}>
      <p class="meta">
        {own && !message.deleted && !editing && (
          <Deeds {...props} onBegin={() => setEditing(true)} />
        )}
        <span class={own ? "hidden" : "author"}>{nameOf(message.author)}</span>{" "}
        <Time at={message.sent_at} />
        {message.edited_at !== null && !message.deleted && <span> · edited</span>}
      </p>
      {editing && props.onEdit !== undefined ? (
        <Editor message={message} onEdit={props.onEdit} onEnd={stop} />
      ) : message.deleted ? (
        <p class="text gone">Deleted message</p>
      ) : (
        message.text !== null && (
          <div class="text" dir="auto">
            <Content nodes={contentOf(message)} />
          </div>
        )
      )}
      {message.file != null && !message.deleted && <FileItem file={message.file} base={base} />}
      {message.buttons.length > 0 && <Buttons {...props} />}
      {own && props.last_own && <Mark {...props} />}
    </li>
  );
}

function Mark({ message, mark }: Props) {
  const { read_seq, delivered_seq } = mark;
  if (message.seq <= read_seq) return <p class="mark">Read</p>;
  return message.seq <= delivered_seq ? <p class="mark">Delivered</p> : null;
}

function Buttons({ message, pressed, onPress }: Props) {
  const item = (button: Button) =>
    button.url !== null ? (
      opens(button.url) && (
        <li key={button.id}>
          <a class="press" href={button.url} target="_blank" rel="noopener noreferrer nofollow">
            {button.text}
          </a>
        </li>
      )
    ) : (
      <li key={button.id}>
        <button
          type="button"
          class="press"
          disabled={onPress === undefined || pressed}
          onClick={() => onPress?.(message, button)}
        >
          {button.text}
        </button>
      </li>
    );
  return <ul class="presses">{message.buttons.map(item)}</ul>;
}

/** What the author can do, shown while the pointer or the keyboard is at the message. */
function Deeds({ message, onEdit, onDelete, onBegin }: Props & { onBegin(): void }) {
  const [asked, setAsked] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const confirm = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (asked) confirm.current?.focus();
  }, [asked]);
  const remove = async (): Promise<void> => {
    setAsked(false);
    setFault(null);
    await onDelete!(message).catch((error: unknown) => setFault(explain(error)));
  };
  // The text of a press is the button's.
  const editable = onEdit !== undefined && message.text !== null && message.button === null;
  if (!editable && onDelete === undefined) return null;
  return (
    <span class={asked ? "deeds asked" : "deeds"}>
      {fault !== null && (
        <span class="fault" role="alert">
          {fault}{" "}
        </span>
      )}
      {asked ? (
        <>
          <button ref={confirm} type="button" class="plain" onClick={() => void remove()}>
            Really delete
          </button>{" "}
          <button type="button" class="plain" onClick={() => setAsked(false)}>
            Keep
          </button>
        </>
      ) : (
        <>
          {editable && (
            <button type="button" class="plain" onClick={onBegin}>
              Edit
            </button>
          )}{" "}
          {onDelete !== undefined && (
            <button type="button" class="plain" onClick={() => setAsked(true)}>
              Delete
            </button>
          )}
        </>
      )}{" "}
    </span>
  );
}

interface EditorProps {
  message: Message;
  onEdit(message: Message, text: string): Promise<void>;
  onEnd(): void;
}

function Editor({ message, onEdit, onEnd }: EditorProps) {
  const box = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(message.text ?? "");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  useEffect(() => {
    const { current } = box;
    current?.focus();
    current?.setSelectionRange(current.value.length, current.value.length);
  }, []);

  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    const wanted = clean(text);
    const bad = textFault(wanted);
    if (bad !== null) return setFault(bad);
    if (wanted === message.text) return onEnd();
    setBusy(true);
    try {
      await onEdit(message, wanted);
      onEnd();
    } catch (error) {
      setFault(explain(error));
      setBusy(false);
    }
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Escape") {
      // The panel around would close with it.
      event.stopPropagation();
      onEnd();
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) void save(event);
  };
  return (
    <form class="editor" onSubmit={(event) => void save(event)}>
      <textarea
        ref={box}
        aria-label="Change the message"
        rows={1}
        value={text}
        disabled={busy}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      {fault !== null && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      <div class="buttons">
        <button type="submit" class="primary" disabled={busy}>
          Save
        </button>
        <button type="button" onClick={onEnd}>
          Cancel
        </button>
      </div>
    </form>
  );
}
