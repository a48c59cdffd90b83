// Canned answers: finds them while somebody writes a slash and a word, and asks the server to fill
// in their placeholders.

import type { Page, Template } from "../shared/protocol";
import { Problem, type Rest } from "../shared/rest";

// As many as can be looked over at a glance.
const SHOWN = 8;
const QUERY_MAX = 40;

/** Returns what is searched for: a box with nothing but a slash and words on one line. */
export function slashQuery(text: string): string | null {
  const match = /^\/([^\n/]*)$/.exec(text);
  const query = match?.[1];
  return query === undefined || query.length > QUERY_MAX ? null : query.trim();
}

/** Puts those first whose shortcut begins with what is searched for. */
export function ranked(templates: readonly Template[], query: string): Template[] {
  const wanted = query.toLocaleLowerCase();
  const rank = ({ shortcut }: Template): number => {
    const word = shortcut?.toLocaleLowerCase();
    return word === wanted ? 0 : word?.startsWith(wanted) === true ? 1 : 2;
  };
  // Sorting is stable: within a rank the server's order stays.
  return [...templates].sort((a, b) => rank(a) - rank(b));
}

export class Templates {
  constructor(private readonly rest: Pick<Rest, "get" | "post">) {}

  async search(query: string, office_id: string, signal: AbortSignal): Promise<Template[]> {
    const q = query === "" ? "" : `&q=${encodeURIComponent(query)}`;
    const path = `/v1/templates?office_id=${office_id}&limit=${SHOWN}${q}`;
    try {
      const page = await this.rest.get<Page<Template>>(path, { signal });
      return ranked(page.data, query);
    } catch (error) {
      // A node of the release before has none.
      if (error instanceof Problem && error.status === 404) return [];
      throw error;
    }
  }

  async render(template_id: string, chat_id: string): Promise<string> {
    const path = `/v1/templates/${template_id}/render`;
    return (await this.rest.post<{ text: string }>(path, { chat_id })).text;
  }
}
