// Who is there to answer, if the tenant shows it: pictures, or initials where there is none.

import { useState } from "preact/hooks";
import type { OfficeMode, Person, PublicAgent, Status } from "../shared/protocol";
import { initials, listed, waitingWords } from "./offices";

export function Faces({ office }: { office: OfficeMode }) {
  const agents = office.agents ?? [];
  const waiting = waitingWords(office.waiting ?? 0);
  if (agents.length === 0 && waiting === null) return null;
  return (
    <div class="faces">
      {agents.map((agent, index) => (
        // Two may have the same name.
        <Face key={`${index} ${agent.picture_url}`} agent={agent} />
      ))}
      <p>
        {agents.length > 0 && `${listed(agents)} ${agents.length === 1 ? "is" : "are"} here. `}
        {waiting}
      </p>
    </div>
  );
}

function Face({ agent }: { agent: PublicAgent }) {
  const [broken, setBroken] = useState(false);
  if (agent.picture_url === null || broken) {
    return (
      <span class="face" aria-hidden="true">
        {initials(agent.name)}
      </span>
    );
  }
  return (
    <img
      class="face"
      src={agent.picture_url}
      alt=""
      referrerpolicy="no-referrer"
      onError={() => setBroken(true)}
    />
  );
}

const SEEN: Partial<Record<Status, string>> = {
  online: "online",
  away: "away at the moment",
  offline: "offline; you can still write",
};

/** The agents of a chat, with what they are seen as. */
export function Seen({ agents }: { agents: readonly Person[] }) {
  const told = agents.filter(({ status }) => status !== undefined && status in SEEN);
  if (told.length === 0) return null;
  return (
    <div role="status">
      <ul class="seen" aria-label="Who you chat with">
        {told.map(({ id, name, status }) => (
          <li key={id}>
            <span class={`dot ${status}`} aria-hidden="true" /> {name}: {SEEN[status!]}
          </li>
        ))}
      </ul>
    </div>
  );
}
