// The names of colleagues, for "set by Ana Admin": a presence names whoever set it by id alone.

import type { Agent } from "../shared/protocol";
import type { Rest } from "../shared/rest";
import { Store } from "../shared/store";

type Known = Readonly<Record<string, string>>;

export class Names {
  readonly store = new Store<Known>({});
  private readonly asked = new Map<string, Promise<void>>();

  constructor(private readonly rest: Pick<Rest, "get">) {}

  learn(agents: Iterable<{ id: string; name: string }>): void {
    const known = this.store.get();
    const fresh = [...agents].filter(({ id, name }) => known[id] !== name);
    if (fresh.length === 0) return;
    this.store.set({ ...known, ...Object.fromEntries(fresh.map(({ id, name }) => [id, name])) });
  }

  /** Resolves when the names are known, or can not be. */
  async find(ids: Iterable<string>): Promise<void> {
    const unknown = [...ids].filter((id) => !(id in this.store.get()));
    await Promise.all(unknown.map((id) => this.ask(id)));
  }

  private ask(id: string): Promise<void> {
    let answer = this.asked.get(id);
    if (answer === undefined) {
      // Without an answer it is "a colleague", until the next presence needs the name.
      answer = this.rest
        .get<Agent>(`/v1/agents/${id}`)
        .then((agent) => this.learn([agent]))
        .catch(() => {})
        .finally(() => this.asked.delete(id));
      this.asked.set(id, answer);
    }
    return answer;
  }
}
