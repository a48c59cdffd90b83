// A chat that is being handed over while its agent goes on: to whom, and the way back.

import { useEffect, useState } from "preact/hooks";
import { stopwatch } from "../shared/format";
import { useNow, useStore } from "../shared/hooks";
import type { Chat, HandOverState } from "../shared/protocol";
import type { Desk } from "./desk";
import type { AgentState } from "./state";

interface Props {
  desk: Desk;
  agent: AgentState;
  chat: Chat;
  hand_over: HandOverState;
}

export function HandOverBar({ desk, agent, chat, hand_over }: Props) {
  const now = useNow();
  const names = useStore(desk.names.store);
  const [busy, setBusy] = useState(false);
  const cancel = async (): Promise<void> => {
    setBusy(true);
    await desk.run(desk.deeds.cancelHandOver(chat.id));
    setBusy(false);
  };
  const { agent_id, queue_id } = hand_over.to;
  useEffect(() => {
    if (agent_id !== undefined) void desk.names.find([agent_id]);
  }, [agent_id]);
  const queue = agent.queues.find(({ id }) => id === queue_id)?.name ?? "another queue";
  const target = agent_id === undefined ? queue : (names[agent_id] ?? "a colleague");
  const seconds = (now - Date.parse(hand_over.since)) / 1000;
  return (
    <div class="hand-over-bar" role="status">
      <p>
        {handOverWords(hand_over.purpose, target)}{" "}
        <span class="clock hint" aria-live="off">
          {stopwatch(seconds)}
        </span>
      </p>
      <button type="button" disabled={busy} onClick={() => void cancel()}>
        Take back
      </button>
    </div>
  );
}

/** Returns what is under way, as a sentence. */
export function handOverWords(purpose: string, target: string): string {
  switch (purpose) {
    case "invite":
      return `${target} is asked to join.`;
    case "assist":
      return `${target} is asked for help.`;
    default:
      return `This chat is being transferred to ${target}.`;
  }
}
