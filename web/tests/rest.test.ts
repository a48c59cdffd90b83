import { afterEach, expect, test, vi } from "vitest";
import { Problem, Rest } from "../src/shared/rest";

afterEach(() => vi.unstubAllGlobals());

function answering(...answers: readonly (readonly [number, string])[]) {
  const left = [...answers];
  const fetched = vi.fn((_path: string, _request: RequestInit) => {
    const [status, text] = left.shift() ?? [500, ""];
    return Promise.resolve(new Response(text, { status }));
  });
  vi.stubGlobal("fetch", fetched);
  return fetched;
}

function headers(request: RequestInit | undefined): Record<string, string> {
  return request?.headers as Record<string, string>;
}

test("a text is given as it is, and asked for as a text", async () => {
  const fetched = answering([200, "[10:30] Vic: Hello\n"]);
  const text = await new Rest("", () => Promise.resolve("t-1")).text("/v1/chats/c/transcript");
  expect(text).toBe("[10:30] Vic: Hello\n");
  expect(headers(fetched.mock.calls[0]?.[1])["accept"]).toBe("text/plain");
});

test("a token that has run out is renewed once, whatever is read", async () => {
  const fetched = answering([401, "{}"], [200, "kept"]);
  const given = vi.fn((renew: boolean) => Promise.resolve(renew ? "new" : "old"));
  expect(await new Rest("", given).text("/x")).toBe("kept");
  expect(fetched.mock.calls.map(([, request]) => headers(request)["authorization"])).toEqual([
    "Bearer old",
    "Bearer new",
  ]);
});

test("what is refused says why, and an empty answer is nothing", async () => {
  answering([422, '{"code":"invalid","detail":"no"}'], [200, ""], [200, '{"a":1}']);
  const rest = new Rest("");
  const refused = await rest.text("/x").catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(Problem);
  expect((refused as Problem).code).toBe("invalid");
  expect(await rest.get("/x")).toBeUndefined();
  expect(await rest.get("/x")).toEqual({ a: 1 });
});
