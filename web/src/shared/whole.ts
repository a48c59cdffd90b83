// What a node of the release before leaves out, while both are at work: filled in where it enters, so
// that nothing behind has to ask.

import type { Chat, Message } from "./protocol";

const OF_MESSAGES = {
  content: [],
  buttons: [],
  button: null,
  file: null,
  notice: null,
  edited_at: null,
  deleted: false,
} satisfies Partial<Message>;

const OF_CHATS = {
  participants: [],
  hand_over: null,
  missed_targets: [],
  important: false,
  tag_ids: [],
  disposition_ids: [],
  fields: {},
  priority: 0,
} satisfies Partial<Chat>;

export function wholeMessage(message: Message): Message {
  return { ...OF_MESSAGES, ...message };
}

export function wholeChat(chat: Chat): Chat {
  return { ...OF_CHATS, ...chat };
}
