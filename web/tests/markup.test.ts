import { describe, expect, test } from "vitest";
import { addressOf, playerOf } from "../src/shared/attachments";
import { contentOf, opens, plain } from "../src/shared/markup";
import type { Node } from "../src/shared/protocol";

describe("what is shown of a message", () => {
  const tree: Node[] = [
    { kind: "text", text: "see " },
    {
      kind: "bold",
      content: [
        { kind: "link", url: "https://a.example", content: [{ kind: "text", text: "here" }] },
      ],
    },
  ];

  test("is its tree, and in a line the words of it", () => {
    expect(contentOf({ text: "see __[here](https://a.example)__", content: tree })).toBe(tree);
    expect(plain(tree)).toBe("see here");
  });

  test("is the words of a piece that is newer than this page", () => {
    const newer = { kind: "struck", content: [{ kind: "text", text: "gone" }] } as unknown as Node;
    const empty = { kind: "rule" } as unknown as Node;
    expect(plain([newer, empty])).toBe("gone");
  });

  test("is the text as it was written where there is no tree", () => {
    expect(contentOf({ text: "*a* <b>", content: [] })).toEqual([
      { kind: "text", text: "*a* <b>" },
    ]);
    expect(contentOf({ text: null, content: [] })).toEqual([]);
  });
});

test.each([
  ["https://a.example/?q=1", true],
  ["HTTP://a.example", true],
  ["mailto:a@a.example", true],
  ["tel:+420123456789", true],
  ["javascript:alert(1)", false],
  [" https://a.example", false],
  ["data:text/html,x", false],
  ["//a.example", false],
  ["", false],
])("a link to %j opens: %s", (url, expected) => {
  expect(opens(url)).toBe(expected);
});

test.each([
  [
    "a path of this server, from another site",
    "f-1",
    "/v1/files/f-1/content?key=1",
    "https://desk.example/v1/files/f-1/content?key=1",
  ],
  [
    "an address of a file that is somewhere else",
    null,
    "https://cdn.example/a.pdf",
    "https://cdn.example/a.pdf",
  ],
  ["nothing: a script", null, "javascript:alert(1)", null],
  ["nothing: another host's path", "f-1", "//evil.example/a.png", null],
  ["nothing: another site for a file of this server", "f-1", "https://evil.example/a.png", null],
  ["nothing: a letter is no file", null, "mailto:a@a.example", null],
])("a file opens at %s", (_what, id, url, expected) => {
  expect(addressOf({ id, url }, "https://desk.example")).toBe(expected);
});

test.each([
  ["audio/ogg", "audio"],
  ["video/mp4", "video"],
  ["application/pdf", null],
  [null, null],
])("a file of type %j is played by %j", (media_type, player) => {
  expect(playerOf(media_type)).toBe(player);
});
