import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { faultOf, FILE_BYTES_MAX, FILES_AT_ONCE_MAX, sizeOf, Uploads } from "../src/shared/files";

class Request {
  static all: Request[] = [];
  readonly headers: Record<string, string> = {};
  readonly upload: { onprogress?: (event: { loaded: number; total: number }) => void } = {};
  onload?: () => void;
  onerror?: () => void;
  onabort?: () => void;
  status = 0;
  responseText = "";

  constructor() {
    Request.all.push(this);
  }

  open(): void {}
  send(): void {}
  setRequestHeader(name: string, value: string): void {
    this.headers[name] = value;
  }
  getResponseHeader(): null {
    return null;
  }
  abort(): void {
    this.onabort?.();
  }
  answer(status: number, body: object): void {
    this.status = status;
    this.responseText = JSON.stringify(body);
    this.onload?.();
  }
}

const file = (name: string, size = 10): File => ({ name, size }) as File;
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
const card = (id: string): object => ({
  id,
  url: `/v1/files/${id}`,
  name: id,
  bytes: 10,
  show: "download",
});

describe("uploads", () => {
  beforeEach(() => {
    Request.all = [];
    vi.stubGlobal("XMLHttpRequest", Request);
    vi.stubGlobal(
      "FormData",
      class {
        append(): void {}
      },
    );
  });
  afterEach(() => vi.unstubAllGlobals());

  const make = (): Uploads =>
    new Uploads({ url: "/v1/files", token: (renew) => Promise.resolve(renew ? "new" : "old") });

  test("tell their progress, are ready with the answer, and are taken once", async () => {
    const uploads = make();
    uploads.add("chat-1", [file("a.pdf")]);
    await settled();
    Request.all[0]!.upload.onprogress!({ loaded: 5, total: 20 });
    expect(uploads.of("chat-1")[0]!.progress).toBe(0.25);
    expect(uploads.take("chat-1")).toEqual([]);
    Request.all[0]!.answer(201, card("f-1"));
    await settled();
    expect(uploads.take("chat-2")).toEqual([]);
    expect(uploads.take("chat-1").map(({ id }) => id)).toEqual(["f-1"]);
    expect(uploads.store.get()).toEqual([]);
  });

  test("try once more with a newer token, under the same key", async () => {
    const uploads = make();
    uploads.add("chat-1", [file("a.pdf")]);
    await settled();
    Request.all[0]!.answer(401, { code: "token_expired" });
    await settled();
    expect(Request.all.map(({ headers }) => headers["authorization"])).toEqual([
      "Bearer old",
      "Bearer new",
    ]);
    expect(Request.all[0]!.headers["idempotency-key"]).toBe(
      Request.all[1]!.headers["idempotency-key"],
    );
  });

  test("say why they failed and can be tried again", async () => {
    const uploads = make();
    uploads.add("chat-1", [file("a.pdf")]);
    await settled();
    Request.all[0]!.answer(503, { code: "unavailable", detail: "not now" });
    await settled();
    const failed = uploads.of("chat-1")[0]!;
    expect(failed).toMatchObject({ passing: true, card: null });
    expect(failed.fault).not.toBeNull();
    uploads.retry(failed.id);
    await settled();
    Request.all[1]!.answer(201, card("f-1"));
    await settled();
    expect(uploads.of("chat-1")[0]).toMatchObject({ fault: null, card: { id: "f-1" } });
  });

  test("are not tried again when the server will not have them", async () => {
    const uploads = make();
    uploads.add("chat-1", [file("a.png")]);
    await settled();
    Request.all[0]!.answer(422, { code: "file_type_mismatch", detail: "it holds a page" });
    await settled();
    expect(uploads.of("chat-1")[0]).toMatchObject({
      fault: "This file is not what its name says.",
      passing: false,
    });
  });

  test("end when they are taken away, and stay away", async () => {
    const uploads = make();
    uploads.add("chat-1", [file("a.pdf")]);
    await settled();
    uploads.remove(uploads.of("chat-1")[0]!.id);
    await settled();
    expect(uploads.store.get()).toEqual([]);
  });

  test("are not tried when the server would refuse them anyway", async () => {
    const uploads = make();
    uploads.add("chat-1", [file("empty", 0), file("large", FILE_BYTES_MAX + 1)]);
    await settled();
    expect(Request.all).toEqual([]);
    expect(uploads.of("chat-1").map(({ fault }) => fault)).toEqual([
      "This file is empty.",
      "This file is larger than 25 MB.",
    ]);
    expect(faultOf({ size: FILE_BYTES_MAX })).toBeNull();
  });

  test("are so many at once, of each chat", () => {
    const uploads = make();
    const many = Array.from({ length: FILES_AT_ONCE_MAX + 1 }, (_, n) => file(`${n}`));
    expect(uploads.add("chat-1", many)).toBe("At most 10 files at once.");
    expect(uploads.of("chat-1")).toHaveLength(FILES_AT_ONCE_MAX);
    expect(uploads.add("chat-2", [file("a")])).toBeNull();
  });
});

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1_000, "1.0 kB"],
  [9_940, "9.9 kB"],
  [10_400, "10 kB"],
  [999_499, "999 kB"],
  [999_500, "1.0 MB"],
  [26_214_400, "26 MB"],
  [5_000_000_000_000, "5000 GB"],
])("%i bytes are %s", (bytes, words) => {
  expect(sizeOf(bytes)).toBe(words);
});
