// Reads all events of a chat, page by page.

import type { Page } from "./protocol";
import type { Rest } from "./rest";

const PAGE = 200;
// A stop for a server that never says `null`; a chat of 200,000 events is not read in a browser.
const PAGES_MAX = 1_000;

/**
 * Returns the events at `path` after number `from`, oldest first. The next page starts after the last
 * event of this one, which means the same as `next_cursor` and does not change while events are added.
 */
export async function loadEvents<Event extends object>(
  rest: Rest,
  path: string,
  from = 0,
): Promise<Event[]> {
  const events: Event[] = [];
  let after = from;
  for (let pages = 0; pages < PAGES_MAX; pages++) {
    const page = await rest.get<Page<Event>>(`${path}?after=${after}&limit=${PAGE}`);
    events.push(...page.data);
    const last = (page.data.at(-1) as { seq?: number } | undefined)?.seq;
    if (page.next_cursor === null || last === undefined || last <= after) break;
    after = last;
  }
  return events;
}
