// What was said in the visitor's earlier chats, above the one at hand, page by page.

import { useEffect, useState } from "preact/hooks";
import { timeOf } from "../shared/format";
import { UNREAD } from "../shared/marks";
import { MessageItem } from "../shared/message";
import type { MessagesProps } from "../shared/messages";
import type { Said } from "../shared/protocol";
import { wholeMessage } from "../shared/whole";
import { explain } from "../shared/words";
import type { Visit } from "./visit";

interface Props {
  visit: Visit;
  /** The chat at hand, which is shown below. */
  chat_id: string;
  nameOf: MessagesProps["nameOf"];
}

export function Earlier({ visit, chat_id, nameOf }: Props) {
  const [said, setSaid] = useState<readonly Said[]>([]);
  /** Where the next page ends; `undefined` until it is known whether there is any. */
  const [before, setBefore] = useState<string | null | undefined>();
  const [some, setSome] = useState(false);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);

  useEffect(() => {
    let stale = false;
    visit.history(null, 1).then(
      ({ data, next_cursor }) => {
        const others = data.some((item) => item.chat_id !== chat_id) || next_cursor !== null;
        if (!stale) setSome(others);
      },
      // Nothing that a visitor misses.
      () => {},
    );
    return () => void (stale = true);
  }, [chat_id]);

  const more = async (): Promise<void> => {
    setBusy(true);
    setFault(null);
    try {
      const page = await visit.history(before ?? null);
      const others = page.data.filter((item) => item.chat_id !== chat_id);
      setSaid([...others, ...said]);
      setBefore(page.next_cursor);
    } catch (error) {
      setFault(explain(error));
    } finally {
      setBusy(false);
    }
  };
  if (!some) return null;
  return (
    <div class="earlier">
      {before !== null && (
        <button type="button" class="plain" disabled={busy} onClick={() => void more()}>
          Show earlier messages
        </button>
      )}
      {fault !== null && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      <ol aria-label="Earlier messages">
        {said.flatMap((item, index) => lines(item, said[index - 1]))}
      </ol>
    </div>
  );

  function lines({ chat_id: of, message }: Said, prior: Said | undefined) {
    const item = (
      <MessageItem
        key={`${of} ${message.id}`}
        message={wholeMessage(message)}
        base={visit.base}
        mine={(author) => author.kind === "visitor"}
        nameOf={nameOf}
        mark={UNREAD}
        last_own={false}
        pressed
      />
    );
    if (prior?.chat_id === of) return [item];
    return [
      <li key={`chat ${of}`} class="notice">
        {timeOf(message.sent_at)}
      </li>,
      item,
    ];
  }
}
