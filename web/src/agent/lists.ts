// What is set up and needed now and then: tags, dispositions, queues, who could take a chat. Read when
// it is first asked for, and anew with every connection; who could take a chat is read each time.

import type { Disposition, Page, PersonPresence, Queue, Tag } from "../shared/protocol";
import type { Rest } from "../shared/rest";

const PAGE = 200;
// A dialog with more lines than these is of no use; the search on the server is.
const PAGES_MAX = 10;

export class Lists {
  private kept = new Map<string, Promise<unknown[]>>();

  constructor(private readonly rest: Pick<Rest, "get">) {}

  tags(): Promise<Tag[]> {
    return this.once<Tag>("/v1/tags");
  }

  dispositions(): Promise<Disposition[]> {
    return this.once<Disposition>("/v1/dispositions");
  }

  queues(): Promise<Queue[]> {
    return this.once<Queue>("/v1/queues");
  }

  people(office_id: string | null): Promise<PersonPresence[]> {
    const filter = office_id === null ? "" : `?office_id=${office_id}`;
    return this.whole<PersonPresence>(`/v1/presence${filter}`);
  }

  forget(): void {
    this.kept.clear();
  }

  private once<T>(path: string): Promise<T[]> {
    let list = this.kept.get(path) as Promise<T[]> | undefined;
    if (list === undefined) {
      list = this.whole<T>(path);
      this.kept.set(path, list);
      // What failed is asked for again.
      list.catch(() => this.kept.delete(path));
    }
    return list;
  }

  private async whole<T>(path: string): Promise<T[]> {
    const all: T[] = [];
    let cursor: string | null = null;
    const and = path.includes("?") ? "&" : "?";
    for (let pages = 0; pages < PAGES_MAX; pages++) {
      const on = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
      const page: Page<T> = await this.rest.get<Page<T>>(`${path}${and}limit=${PAGE}${on}`);
      all.push(...page.data);
      cursor = page.next_cursor;
      if (cursor === null) break;
    }
    return all;
  }
}
