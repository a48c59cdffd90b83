import { describe, expect, test } from "vitest";
import { fieldPatch } from "../src/agent/chat-fields";
import { Problem } from "../src/shared/rest";
import { fieldFaults } from "../src/shared/words";
import { filled, missing } from "../src/widget/fields";

describe("the form of the widget", () => {
  const fields = [
    { name: "name", required: true },
    { name: "order_number", required: true },
    { name: "topic", required: true, label: "What is it about?" },
  ];

  test("says which required field is empty, by its label", () => {
    expect(missing(fields, { name: " " })).toBe("Please fill in “Name”.");
    expect(missing(fields, { name: "Vera" })).toBe("Please fill in “Order number”.");
    expect(missing(fields, { name: "Vera", order_number: "1" })).toBe(
      "Please fill in “What is it about?”.",
    );
    expect(missing(fields, { name: "Vera", order_number: "1", topic: "x" })).toBeNull();
  });

  test("sends what was filled in, without outer space", () => {
    expect(filled({ name: " Vera ", order_number: "  " })).toEqual({ name: "Vera" });
  });
});

test("what the server says of single fields is found by their names", () => {
  const fault = (pointer: string, detail: string) => ({ pointer, code: "x", detail });
  const errors = [
    fault("/fields/email", "is no address"),
    fault("/fields/a~1b", "is too long"),
    fault("/email", "is required"),
    fault("/message/text", "is empty"),
  ];
  const problem = new Problem(422, "invalid", "", errors, {}, null);
  expect(fieldFaults(problem)).toEqual({ email: "Is required.", "a/b": "Is too long." });
  expect(fieldFaults(new Error("x"))).toEqual({});
});

test.each([
  [{ was: null, name: " plan ", text: " gold " }, { plan: "gold" }],
  [{ was: "plan", name: "plan", text: "silver" }, { plan: "silver" }],
  [
    { was: "plan", name: "tier", text: "gold" },
    { plan: null, tier: "gold" },
  ],
])("a field %j is changed by %j", (field, patch) => {
  expect(fieldPatch(field)).toEqual(patch);
});
