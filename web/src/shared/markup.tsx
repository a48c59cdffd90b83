// A message's tree as elements. Every text is a text node; of addresses only those open that the
// contract names, whatever the server says.

import type { ComponentChildren } from "preact";
import type { Message, Node } from "./protocol";

const OPENS = /^(https?:\/\/|mailto:|tel:)/i;

/** Whether a link may lead there. */
export function opens(url: string): boolean {
  return OPENS.test(url);
}

/** Returns what to show of a message. A text without a tree is shown as it was written. */
export function contentOf(message: Pick<Message, "text" | "content">): readonly Node[] {
  if (message.content.length > 0 || message.text === null) return message.content;
  return [{ kind: "text", text: message.text }];
}

/** Returns the words of a tree alone. */
export function plain(nodes: readonly Node[]): string {
  return nodes.map((node) => (node.kind === "text" ? node.text : plain(inner(node)))).join("");
}

export function Content({ nodes }: { nodes: readonly Node[] }) {
  return <>{nodes.map(piece)}</>;
}

function piece(node: Node, index: number): ComponentChildren {
  switch (node.kind) {
    case "text":
      return node.text;
    case "italic":
      return (
        <em key={index}>
          <Content nodes={node.content} />
        </em>
      );
    case "bold":
      return (
        <strong key={index}>
          <Content nodes={node.content} />
        </strong>
      );
    case "link":
      if (!opens(node.url)) return <Content key={index} nodes={node.content} />;
      return (
        <a key={index} href={node.url} target="_blank" rel="noopener noreferrer nofollow">
          <Content nodes={node.content} />
        </a>
      );
    default:
      return <Content key={index} nodes={inner(node)} />;
  }
}

/** Returns what is in a piece; of one that is newer than this page its words, if it has any. */
function inner(node: { content?: Node[] }): readonly Node[] {
  return node.content ?? [];
}
