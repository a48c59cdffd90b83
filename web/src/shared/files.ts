// Files on their way to the server: chosen, uploaded with progress, ready for a message. One that was
// given up is forgotten here; the server forgets it by itself.

import { newId } from "./id";
import type { FileCard } from "./protocol";
import { problemOf, Unreachable, Problem, type TokenSource } from "./rest";
import { Store } from "./store";
import { explain } from "./words";

/** The server takes no longer ones; asking it would only cost the time of the upload. */
export const FILE_BYTES_MAX = 25 * 1024 * 1024;
// A box to write in with more chips than these could not be read any more.
export const FILES_AT_ONCE_MAX = 10;

export interface Upload {
  readonly id: string;
  /** The chat for which it was chosen; of a chat that has not begun the empty text. */
  readonly chat_id: string;
  readonly name: string;
  readonly bytes: number;
  /** From 0 to 1. */
  readonly progress: number;
  readonly card: FileCard | null;
  /** Why it failed, in a sentence. */
  readonly fault: string | null;
  /** Whether it may go better another time. */
  readonly passing: boolean;
}

export interface UploadHost {
  url: string;
  token: TokenSource;
}

export class Uploads {
  readonly store = new Store<readonly Upload[]>([]);
  private readonly running = new Map<string, XMLHttpRequest>();
  private readonly files = new Map<string, File>();

  constructor(private readonly host: UploadHost) {}

  of(chat_id: string): readonly Upload[] {
    return this.store.get().filter((upload) => upload.chat_id === chat_id);
  }

  /** Begins to upload; returns what to say about those that are too many. */
  add(chat_id: string, files: Iterable<File>): string | null {
    const chosen = [...files];
    const room = Math.max(0, FILES_AT_ONCE_MAX - this.of(chat_id).length);
    for (const file of chosen.slice(0, room)) this.begin(chat_id, file);
    return chosen.length > room ? `At most ${FILES_AT_ONCE_MAX} files at once.` : null;
  }

  retry(id: string): void {
    const file = this.files.get(id);
    if (file === undefined) return;
    this.change(id, { fault: null, progress: 0 });
    void this.run(id, file);
  }

  remove(id: string): void {
    this.running.get(id)?.abort();
    this.running.delete(id);
    this.files.delete(id);
    this.store.set(this.store.get().filter((upload) => upload.id !== id));
  }

  /** Hands over the ready files of a chat and forgets them. */
  take(chat_id: string): FileCard[] {
    const ready = this.of(chat_id).filter(({ card }) => card !== null);
    for (const { id } of ready) this.remove(id);
    return ready.map(({ card }) => card!);
  }

  clear(): void {
    for (const { id } of this.store.get()) this.remove(id);
  }

  private begin(chat_id: string, file: File): void {
    const id = newId();
    const upload: Upload = {
      id,
      chat_id,
      name: file.name || "file",
      bytes: file.size,
      progress: 0,
      card: null,
      fault: faultOf(file),
      passing: false,
    };
    this.store.set([...this.store.get(), upload]);
    if (upload.fault !== null) return;
    this.files.set(id, file);
    void this.run(id, file);
  }

  private async run(id: string, file: File): Promise<void> {
    try {
      let card: FileCard;
      try {
        card = await this.send(id, file, await this.host.token(false));
      } catch (error) {
        if (!(error instanceof Problem) || error.status !== 401) throw error;
        card = await this.send(id, file, await this.host.token(true));
      }
      this.change(id, { card, progress: 1 });
    } catch (error) {
      // What was taken away meanwhile is not there to be changed.
      const lasting = error instanceof Problem && !error.passing;
      this.change(id, { fault: explain(error), passing: !lasting });
    } finally {
      this.running.delete(id);
    }
  }

  /** `fetch` does not tell how much has gone out. */
  private send(id: string, file: File, token: string): Promise<FileCard> {
    if (!this.files.has(id)) return Promise.reject(new Unreachable("given up"));
    const request = new XMLHttpRequest();
    this.running.set(id, request);
    request.open("POST", this.host.url);
    request.setRequestHeader("authorization", `Bearer ${token}`);
    request.setRequestHeader("idempotency-key", id);
    const form = new FormData();
    form.append("file", file, file.name || "file");
    return new Promise((resolve, reject) => {
      request.upload.onprogress = ({ loaded, total }) => {
        if (total > 0) this.change(id, { progress: loaded / total });
      };
      request.onload = () => {
        const text = request.responseText;
        if (request.status >= 200 && request.status < 300) resolve(JSON.parse(text) as FileCard);
        else reject(problemOf(request.status, text, request.getResponseHeader("retry-after")));
      };
      request.onerror = request.onabort = () => reject(new Unreachable("no answer"));
      request.send(form);
    });
  }

  private change(id: string, fields: Partial<Upload>): void {
    const uploads = this.store.get();
    if (!uploads.some((upload) => upload.id === id)) return;
    this.store.set(uploads.map((upload) => (upload.id === id ? { ...upload, ...fields } : upload)));
  }
}

/** Returns why a file need not be tried, or `null`. */
export function faultOf(file: { size: number }): string | null {
  if (file.size === 0) return "This file is empty.";
  if (file.size > FILE_BYTES_MAX) return "This file is larger than 25 MB.";
  return null;
}

/** Returns e.g. "1.4 MB". */
export function sizeOf(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["kB", "MB", "GB"];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}
