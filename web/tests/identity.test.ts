import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Keep } from "../src/shared/keep";
import { Problem } from "../src/shared/rest";
import { place } from "../src/widget/contract";
import { Identity, isUnrecognised, type KeptVisitor } from "../src/widget/identity";
import { enter, placeKey, readIdentity, whileHere, type SiteIdentity } from "../src/widget/site";

const KEY = "wk_1";
const DAY_MS = 24 * 3600 * 1000;

/** A token as a site signs it; here nobody checks the signature. */
function tokenOf(claims: object): string {
  const part = (value: object): string =>
    btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(value))))
      .replace(/\+/g, "-")
      .replace(/\//g, "_")
      .replace(/=/g, "");
  return `${part({ alg: "HS256" })}.${part(claims)}.signature`;
}

const vic = (more: object = {}): SiteIdentity => readIdentity(tokenOf({ sub: "vic", ...more }))!;
const eve = readIdentity(tokenOf({ sub: "eve" }))!;

function storage(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, text: string) => void kept.set(name, text),
    removeItem: (name: string) => void kept.delete(name),
  } as Storage;
}

beforeEach(() => {
  vi.stubGlobal("window", { localStorage: storage(), sessionStorage: storage() });
});

afterEach(() => vi.unstubAllGlobals());

describe("what a site says of its visitor", () => {
  test("is read from the token, in any script", () => {
    const token = tokenOf({ sub: "zákazník/17?", name: "Žofie ✓", email: "z@site.example", exp: 1 });
    expect(readIdentity(token)).toEqual({
      token,
      subject: "zákazník/17?",
      answers: { name: "Žofie ✓", email: "z@site.example" },
    });
    expect(vic({ name: null, email: 5 }).answers).toEqual({});
  });

  test("is nobody when there is no token", () => {
    for (const nothing of [null, undefined, ""]) expect(readIdentity(nothing)).toBeNull();
    expect(placeKey(KEY, null)).toBe(KEY);
  });

  test("is somebody of its own when it can not be read, never nobody", () => {
    for (const text of ["x", "a.b.c", "a.!.c", tokenOf({ sub: 17 }), tokenOf([])]) {
      expect(readIdentity(text)).toEqual({ token: text, subject: text, answers: {} });
    }
  });

  test("keeps people apart", () => {
    const keys = ["vic", "vic ", "Vic", "a.b", "a/b"].map((sub) =>
      placeKey(KEY, readIdentity(tokenOf({ sub }))),
    );
    expect(new Set([...keys, KEY]).size).toBe(6);
    expect(placeKey(KEY, vic({ name: "Vic", exp: 1 }))).toBe(placeKey(KEY, vic({ exp: 2 })));
  });
});

describe("when somebody else is there", () => {
  const names = (own: string): [Storage, string][] => [
    [window.localStorage, place("chat", own)],
    [window.localStorage, place("visitor", own)],
    [window.sessionStorage, place("outbox", own)],
    [window.sessionStorage, place("open", own)],
  ];
  const fill = (own: string): void => names(own).forEach(([area, name]) => area.setItem(name, "1"));
  const kept = (own: string): number =>
    names(own).filter(([area, name]) => area.getItem(name) !== null).length;

  test("nothing of whoever was there before stays", () => {
    const others = [null, vic(), eve, null];
    let before: string | null = null;
    for (const identity of others) {
      const own = placeKey(KEY, identity);
      enter(KEY, identity);
      if (before !== null) expect(kept(before)).toBe(0);
      fill(own);
      before = own;
    }
    enter(KEY, null);
    expect(kept(KEY)).toBe(4);
  });

  test("the same person keeps what is there, with a fresh token too", () => {
    enter(KEY, vic({ exp: 1 }));
    fill(placeKey(KEY, vic()));
    enter(KEY, vic({ exp: 2, name: "Vic" }));
    expect(kept(placeKey(KEY, vic()))).toBe(4);
  });

  test("what was kept before anybody was known is removed at the log-in", () => {
    fill(KEY);
    enter(KEY, vic());
    expect(kept(KEY)).toBe(0);
  });

  test("another widget's visitor is not touched", () => {
    fill("wk_2");
    enter(KEY, vic());
    enter(KEY, null);
    expect(kept("wk_2")).toBe(4);
  });

  test("what comes late for them is neither kept nor read", () => {
    let value: string | null = "theirs";
    const inner: Keep<string> = { read: () => value, write: (next) => void (value = next) };
    let left = false;
    const own = whileHere(inner, () => left);
    own.write("mine");
    expect(own.read()).toBe("mine");
    left = true;
    own.write("late");
    expect(value).toBe("mine");
    expect(own.read()).toBeNull();
  });
});

describe("the visitor's token", () => {
  let kept: KeptVisitor | null;
  let asked: unknown[];
  let replaced: number;

  const memory: Keep<KeptVisitor> = {
    read: () => kept,
    write: (visitor) => void (kept = visitor),
  };
  const identity = (site: SiteIdentity | null): Identity =>
    new Identity("https://chat.example", KEY, site, memory, () => replaced++);
  const given = (visitor_id: string, days: number, site?: SiteIdentity): KeptVisitor => ({
    visitor_id,
    token: `token of ${visitor_id}`,
    expires_at: new Date(Date.now() + days * DAY_MS).toISOString(),
    ...(site === undefined ? {} : { answers: site.answers }),
  });
  /** Answers each request with the next of these. */
  const server = (...answers: (KeptVisitor | { status: number; errors?: object[] })[]): void => {
    vi.stubGlobal("fetch", (_url: string, request: RequestInit) => {
      asked.push(JSON.parse(request.body as string));
      const answer = answers.shift()!;
      const refused = "status" in answer;
      const body = refused ? { code: "invalid", detail: "no", errors: [], ...answer } : answer;
      const status = refused ? answer.status : 201;
      return Promise.resolve(new Response(JSON.stringify(body), { status }));
    });
  };
  const refusal = {
    status: 422,
    errors: [{ pointer: "/identity_token", code: "expired", detail: "the claim exp: has passed" }],
  };

  beforeEach(() => {
    [kept, asked, replaced] = [null, [], 0];
    vi.spyOn(console, "warn").mockImplementation(() => {});
  });

  test("is asked for with what the site says, and then kept", async () => {
    server(given("v1", 30));
    const own = identity(vic());
    expect(await own.token(false)).toBe("token of v1");
    expect(await own.token(false)).toBe("token of v1");
    expect(asked).toEqual([{ identity_token: vic().token }]);
    expect(kept?.answers).toEqual({});
  });

  test("is never renewed with itself for somebody whom the site knows", async () => {
    kept = given("v1", 5, vic());
    server(given("v1", 30));
    await identity(vic()).token(false);
    expect(asked).toEqual([{ identity_token: vic().token }]);
    expect(replaced).toBe(0);
  });

  test("is renewed with itself for anybody else", async () => {
    kept = given("v1", 5);
    server(given("v1", 30));
    await identity(null).token(false);
    expect(asked).toEqual([{ token: "token of v1" }]);
  });

  test("is asked for anew when the site says another name", async () => {
    kept = given("v1", 30, vic({ name: "Vic" }));
    server(given("v1", 30));
    await identity(vic({ name: "Vic Novak" })).token(false);
    expect(asked).toHaveLength(1);
    await identity(vic({ name: "Vic Novak" })).token(false);
    expect(asked).toHaveLength(1);
  });

  test("of the same person is good while the site's own has run out, unless it is refused itself", async () => {
    kept = given("v1", 5, vic());
    server(refusal, refusal);
    expect(await identity(vic()).token(false)).toBe("token of v1");
    const forced = identity(vic()).token(true);
    await expect(forced).rejects.toSatisfy(isUnrecognised);
  });

  test("is not given to somebody whom the server does not recognise", async () => {
    server(refusal);
    await expect(identity(vic()).token(false)).rejects.toSatisfy(isUnrecognised);
    expect(kept).toBeNull();
    expect(asked).toEqual([{ identity_token: vic().token }]);
    expect(console.warn).toHaveBeenCalled();
  });

  test("comes with a fresh token of the site", async () => {
    server(refusal, given("v1", 30));
    const own = identity(vic({ exp: 1 }));
    await expect(own.token(false)).rejects.toSatisfy(isUnrecognised);
    own.refresh(vic({ exp: 2 }));
    expect(await own.token(false)).toBe("token of v1");
    expect(asked[1]).toEqual({ identity_token: vic({ exp: 2 }).token });
  });

  test("tells other failures apart from not being recognised", () => {
    const problem = (code: string): Problem => new Problem(409, code, "", [], {}, null);
    expect(isUnrecognised(problem("no_identity_secret"))).toBe(true);
    expect(isUnrecognised(problem("unavailable"))).toBe(false);
    expect(isUnrecognised(new Error())).toBe(false);
  });
});
