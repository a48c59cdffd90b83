import { describe, expect, test } from "vitest";
import { ranked, slashQuery } from "../src/agent/templates";
import type { Template } from "../src/shared/protocol";

test.each([
  ["/", ""],
  ["/hi", "hi"],
  ["/opening hours ", "opening hours"],
  ["", null],
  ["hi /", null],
  ["/etc/passwd", null],
  ["/a\nb", null],
  [`/${"x".repeat(40)}`, "x".repeat(40)],
  [`/${"x".repeat(41)}`, null],
])("of %j is searched for %j", (text, query) => {
  expect(slashQuery(text)).toBe(query);
});

describe("templates that fit", () => {
  const template = (name: string, shortcut: string | null): Template => ({
    id: name,
    name,
    shortcut,
    text: "",
    office_ids: [],
    sort_order: 0,
  });

  test("are in the order: this shortcut, one that begins so, the others as the server has them", () => {
    const list = [
      template("This", null),
      template("Z", "hint"),
      template("Y", "HI"),
      template("A", null),
    ];
    expect(ranked(list, "hi").map(({ name }) => name)).toEqual(["Y", "Z", "This", "A"]);
  });
});
