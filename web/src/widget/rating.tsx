// After a chat: how good it was. It can be changed for a while; the server says when that is over.

import { useId, useState } from "preact/hooks";
import { clean } from "../shared/text";
import { explain } from "../shared/words";
import type { Visit } from "./visit";

const SCORES = [1, 2, 3, 4, 5] as const;
const WORDS = ["Very bad", "Bad", "Fair", "Good", "Very good"] as const;
const COMMENT_MAX = 2000;

interface Props {
  visit: Visit;
  chat_id: string;
  /** What the visitor has given before. */
  given: number | null;
}

export function RatingForm({ visit, chat_id, given }: Props) {
  const group = useId();
  const [score, setScore] = useState<number | null>(given);
  const [comment, setComment] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const [done, setDone] = useState(given !== null);

  if (done) {
    return (
      <p class="rated" role="status">
        Thank you for your rating.{" "}
        <button type="button" class="plain" onClick={() => setDone(false)}>
          Change it
        </button>
      </p>
    );
  }
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (score === null) return;
    setBusy(true);
    setFault(null);
    try {
      await visit.rate(chat_id, score, clean(comment));
      setDone(true);
    } catch (error) {
      setFault(explain(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class="rating" onSubmit={(event) => void submit(event)}>
      <fieldset>
        <legend>How was this chat?</legend>
        <div class="stars">
          {SCORES.map((value) => (
            <label key={value} class={score !== null && value <= score ? "star lit" : "star"}>
              <input
                type="radio"
                name={group}
                class="hidden"
                checked={score === value}
                onChange={() => setScore(value)}
              />
              <span aria-hidden="true">{score !== null && value <= score ? "★" : "☆"}</span>
              <span class="hidden">{WORDS[value - 1]}</span>
            </label>
          ))}
          <span class="hint">{score === null ? "" : WORDS[score - 1]}</span>
        </div>
      </fieldset>
      {score !== null && (
        <label>
          <span class="hidden">Comment</span>
          <textarea
            rows={2}
            maxLength={COMMENT_MAX}
            placeholder="Would you like to add something?"
            value={comment}
            onInput={(event) => setComment(event.currentTarget.value)}
          />
        </label>
      )}
      {fault !== null && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      {score !== null && (
        <button type="submit" disabled={busy}>
          Send rating
        </button>
      )}
    </form>
  );
}
