import { expect, test } from "vitest";
import { clean, textFault } from "../src/shared/text";

test("what the server would refuse is taken out of a text", () => {
  expect(clean("  a\u0000b\u001b\u0085c\td\r\ne\n ")).toBe("abc\td\r\ne");
  expect(clean("half \ud83d of a pair")).toBe("half \ufffd of a pair");
});

test("a text has at most 65,536 bytes, not characters", () => {
  expect(textFault("a".repeat(65_536))).toBeNull();
  expect(textFault("ä".repeat(32_769))).not.toBeNull();
  expect(textFault("")).not.toBeNull();
});

test("a text that doubles when it is quoted still fits a frame", () => {
  expect(textFault('"'.repeat(65_536))).toBeNull();
});
