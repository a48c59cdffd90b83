// The chats that ring at this agent.

import { useEffect, useRef, useState } from "preact/hooks";
import { stopwatch } from "../shared/format";
import { useNow } from "../shared/hooks";
import { opens } from "../shared/markup";
import type { Offer } from "../shared/protocol";
import { contactName, FieldList } from "./contact";
import type { Desk } from "./desk";
import { currentTab, useFocusKept } from "./focus";
import { offerWords } from "./offer-words";
import { known, type AgentState } from "./state";

export function Offers({ desk, agent }: { desk: Desk; agent: AgentState }) {
  const { offers } = agent;
  const section = useRef<HTMLElement>(null);
  useFocusKept(
    offers.length,
    () => section.current?.querySelector<HTMLElement>(".offer .primary") ?? currentTab(),
  );
  return (
    <section ref={section} aria-labelledby="offers-title" class="offers">
      <h2 id="offers-title" class={offers.length === 0 ? "hidden" : ""}>
        {offers.length === 1 ? "A chat for you" : "Chats for you"}
      </h2>
      <div aria-live="assertive">
        {offers.map((offer) => (
          <OfferCard key={`${offer.chat_id} ${offer.offer}`} desk={desk} agent={agent} offer={offer} />
        ))}
      </div>
    </section>
  );
}

interface CardProps {
  desk: Desk;
  agent: AgentState;
  offer: Offer;
}

function OfferCard({ desk, agent, offer }: CardProps) {
  const [busy, setBusy] = useState(false);
  const [rejecting, setRejecting] = useState(false);
  const now = useNow(500);
  const seconds = (since: string): number => (now - Date.parse(since)) / 1000;

  const answer = async (does: Promise<void>): Promise<void> => {
    setBusy(true);
    await does;
    setBusy(false);
  };

  const contact = known(agent, offer.contact);
  const name = contactName(contact);
  const { chat_id, offer: number, external_url } = offer;
  const words = offerWords(offer);
  return (
    <article class="offer" aria-label={`Chat from ${name}, ${offer.queue.name}`}>
      {words !== null && <p class="purpose">{words}</p>}
      <h3>{name}</h3>
      <p class="place">{offer.queue.name}</p>
      <FieldList contact={contact} />
      {offer.note != null && <blockquote dir="auto">{offer.note}</blockquote>}
      {external_url != null && opens(external_url) && (
        <p class="place">
          <a href={external_url} target="_blank" rel="noopener noreferrer">
            Open the record
          </a>
        </p>
      )}
      {/* The clocks' ticks are not news to a screen reader. */}
      <p class="facts" aria-live="off">
        <span>waits {stopwatch(seconds(offer.waiting_since))}</span>
        <span>rings {stopwatch(seconds(offer.made_at))}</span>
      </p>
      {offer.expires_at !== null && (
        <Ring made_at={offer.made_at} expires_at={offer.expires_at} now={now} />
      )}
      {rejecting ? (
        <RejectForm
          busy={busy}
          onReject={(reason) => void answer(desk.reject(chat_id, number, reason))}
          onCancel={() => setRejecting(false)}
        />
      ) : (
        <div class="buttons">
          <button
            type="button"
            class="primary"
            disabled={busy}
            onClick={() => void answer(desk.accept(chat_id, number))}
          >
            Accept
          </button>
          <button type="button" disabled={busy} onClick={() => setRejecting(true)}>
            Reject
          </button>
        </div>
      )}
    </article>
  );
}

interface RejectProps {
  busy: boolean;
  onReject(reason: string): void;
  onCancel(): void;
}

/** Asks why, which may stay open. */
function RejectForm({ busy, onReject, onCancel }: RejectProps) {
  const [reason, setReason] = useState("");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const submit = (event: Event): void => {
    event.preventDefault();
    onReject(reason.trim());
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Escape") onCancel();
  };
  return (
    <form class="reject" onSubmit={submit} onKeyDown={onKeyDown}>
      <label>
        <span class="hidden">Why, if you like</span>
        <input
          ref={field}
          value={reason}
          maxLength={200}
          placeholder="Reason (optional)"
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </label>
      <div class="buttons">
        <button type="submit" class="danger" disabled={busy}>
          Reject
        </button>
        <button type="button" onClick={onCancel}>
          Back
        </button>
      </div>
    </form>
  );
}

function Ring(props: { made_at: string; expires_at: string; now: number }) {
  const end = Date.parse(props.expires_at);
  const whole_s = (end - Date.parse(props.made_at)) / 1000;
  const left_s = Math.max(0, (end - props.now) / 1000);
  return (
    <p class="ring" aria-live="off">
      <progress max={whole_s} value={left_s} aria-label="Time left to accept" />
      <span>{Math.ceil(left_s)} s</span>
    </p>
  );
}
