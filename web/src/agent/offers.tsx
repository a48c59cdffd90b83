// The chats that ring at this agent.

import { useState } from "preact/hooks";
import { stopwatch } from "../shared/format";
import { useNow } from "../shared/hooks";
import type { Offer } from "../shared/protocol";
import { contactName, FieldList } from "./contact";
import type { Desk } from "./desk";

export function Offers({ desk, offers }: { desk: Desk; offers: readonly Offer[] }) {
  return (
    <section aria-labelledby="offers-title" class="offers">
      <h2 id="offers-title" class={offers.length === 0 ? "hidden" : ""}>
        {offers.length === 1 ? "A chat for you" : "Chats for you"}
      </h2>
      <div aria-live="assertive">
        {offers.map((offer) => (
          <OfferCard key={`${offer.chat_id} ${offer.offer}`} desk={desk} offer={offer} />
        ))}
      </div>
    </section>
  );
}

function OfferCard({ desk, offer }: { desk: Desk; offer: Offer }) {
  const [busy, setBusy] = useState(false);
  const now = useNow(500);
  const waited_s = (now - Date.parse(offer.waiting_since)) / 1000;

  const answer = async (verb: "accept" | "reject"): Promise<void> => {
    setBusy(true);
    await desk[verb](offer.chat_id, offer.offer);
    setBusy(false);
  };

  const name = contactName(offer.contact);
  return (
    <article class="offer" aria-label={`Chat from ${name}, ${offer.queue.name}`}>
      <h3>{name}</h3>
      <FieldList contact={offer.contact} />
      <p class="facts">
        {/* The clock's ticks are not news to a screen reader. */}
        <span>{offer.queue.name}</span>
        <span aria-live="off">waiting {stopwatch(waited_s)}</span>
      </p>
      {offer.expires_at !== null && (
        <Ring made_at={offer.made_at} expires_at={offer.expires_at} now={now} />
      )}
      <div class="buttons">
        <button
          type="button"
          class="primary"
          disabled={busy}
          onClick={() => void answer("accept")}
        >
          Accept
        </button>
        <button type="button" disabled={busy} onClick={() => void answer("reject")}>
          Reject
        </button>
      </div>
    </article>
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
