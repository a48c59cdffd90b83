// What an agent does with a chat beyond answering it. Each throws what the server refuses; whoever
// asks for it shows why.

import type { Chat, Message } from "../shared/protocol";
import type { Socket } from "../shared/socket";
import type { Target } from "./targets";

export type HandOver = "transfer" | "invite" | "assist";

export interface HandOverTerms {
  to?: Target;
  note?: string;
  release?: string;
  if_unavailable?: string;
}

/** What can be changed of a chat. What is not named stays. */
export interface ChatPatch {
  important?: boolean;
  tag_ids?: readonly string[];
  disposition_ids?: readonly string[];
  fields?: Readonly<Record<string, string | null>>;
}

export class Deeds {
  constructor(private readonly socket: Pick<Socket<never, never>, "call">) {}

  handOver(kind: HandOver, chat_id: string, terms: HandOverTerms): Promise<unknown> {
    return this.socket.call(`chat.${kind}`, { chat_id, ...terms });
  }

  /** Has the chats of a queue ring at this agent, or not any more. */
  logIntoQueue(queue_id: string, on: boolean): Promise<unknown> {
    return this.socket.call(on ? "queue.login" : "queue.logout", { queue_id });
  }

  cancelHandOver(chat_id: string): Promise<unknown> {
    return this.socket.call("chat.transfer_cancel", { chat_id });
  }

  leave(chat_id: string): Promise<unknown> {
    return this.socket.call("chat.leave", { chat_id });
  }

  takeOver(chat_id: string): Promise<unknown> {
    return this.socket.call("chat.takeover", { chat_id });
  }

  /** Reads along: seen by the chat's agents, to help them, or by nobody. */
  listen(chat_id: string, seen: boolean): Promise<unknown> {
    return this.socket.call("chat.listen", { chat_id, seen });
  }

  /** Closes a chat; with `null` the outcomes count that were selected before. */
  close(chat_id: string, disposition_ids: readonly string[] | null): Promise<unknown> {
    const chosen = disposition_ids === null ? {} : { disposition_ids };
    return this.socket.call("chat.close", { chat_id, ...chosen });
  }

  endWrapUp(chat_id: string): Promise<unknown> {
    return this.socket.call("wrap_up.end", { chat_id });
  }

  /** Answers with the chat as it is now. */
  update(chat_id: string, patch: ChatPatch): Promise<{ chat: Chat }> {
    return this.socket.call("chat.update", { chat_id, ...patch });
  }

  async edit(chat_id: string, message_id: string, text: string): Promise<Message> {
    const answer = await this.socket.call<{ message: Message }>("chat.edit", {
      chat_id,
      message_id,
      text,
    });
    return answer.message;
  }

  delete(chat_id: string, message_id: string): Promise<unknown> {
    return this.socket.call("chat.delete", { chat_id, message_id });
  }
}
