// No chat is selected: says whether one will ring, and if not, why.

import type { Presence } from "../shared/protocol";
import type { Desk } from "./desk";
import { circumstances, sentence, type Lexicon } from "./presence";

interface Props {
  desk: Desk;
  presence: Presence;
  lexicon: Lexicon;
}

export function Nothing({ desk, presence, lexicon }: Props) {
  const online = (there: { effective: string }): boolean => there.effective === "online";
  const { offices } = presence;
  const somewhere = offices.length === 0 ? online(presence) : offices.some(online);
  if (somewhere) {
    return (
      <div class="nothing">
        <h1>Ready</h1>
        <p>New chats ring in the list. Accept one, or choose one of yours.</p>
      </div>
    );
  }
  // Choosing it again would bring no seat, and no end of the chats at hand.
  const helps = presence.reason !== "no_seat";
  return (
    <div class="nothing">
      <h1>You get no chats at the moment</h1>
      <p>{sentence(circumstances(presence), lexicon)}.</p>
      {helps && (
        <p>
          <button
            type="button"
            class="primary"
            onClick={() => void desk.setStatus({ status: "online" })}
          >
            Go online
          </button>
        </p>
      )}
    </div>
  );
}
