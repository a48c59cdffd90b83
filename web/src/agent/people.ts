// "Who's online": watches the list while its view is open, and changes the presence of others.

import type { NewStatus, Presence, Status, WatchedAgent, WatchedEvent } from "../shared/protocol";
import { Problem, type Rest } from "../shared/rest";
import { Disconnected, type Socket } from "../shared/socket";
import { Store } from "../shared/store";
import { explain } from "../shared/words";
import type { Names } from "./names";
import { fromList, withWatched, type Lines } from "./watch";

export interface PeopleState {
  open: boolean;
  /** Only the agents of this office, and what they are there. */
  office_id: string | null;
  status: Status | null;
  /** `null` while the list is not there yet. */
  lines: Lines | null;
  fault: string | null;
}

const CLOSED: PeopleState = {
  open: false,
  office_id: null,
  status: null,
  lines: null,
  fault: null,
};

export class People {
  readonly store = new Store<PeopleState>(CLOSED);
  private run = 0;

  constructor(
    private readonly socket: Pick<Socket<never, never>, "call">,
    private readonly rest: Pick<Rest, "put" | "delete">,
    private readonly names: Pick<Names, "learn">,
  ) {}

  open(): void {
    if (this.store.get().open) return;
    this.store.patch({ open: true });
    void this.watch();
  }

  close(): void {
    if (!this.store.get().open) return;
    this.run++;
    this.store.patch({ open: false, lines: null, fault: null });
    this.socket.call("presence.watch", { watch: false }).catch(() => {});
  }

  /** Forgets everything: another agent may log in. */
  reset(): void {
    this.run++;
    this.store.set(CLOSED);
  }

  filterOffice(office_id: string | null): void {
    if (this.store.get().office_id === office_id) return;
    // The server knows who belongs to an office; the lines do not say.
    this.store.patch({ office_id, lines: null });
    void this.watch();
  }

  filterStatus(status: Status | null): void {
    this.store.patch({ status });
  }

  /** The socket is new: a list is not resumed, since its lines have no number. */
  connected(): void {
    if (this.store.get().open) void this.watch();
  }

  event(event: WatchedEvent): void {
    const { lines } = this.store.get();
    if (lines === null) return;
    this.names.learn(named(event.agents));
    this.store.patch({ lines: withWatched(lines, event) });
  }

  /** Watches anew, from a whole list. */
  async watch(): Promise<void> {
    const run = ++this.run;
    const { office_id } = this.store.get();
    this.store.patch({ fault: null });
    try {
      const { agents } = await this.socket.call<{ agents: WatchedAgent[] }>("presence.watch", {
        watch: true,
        ...(office_id === null ? {} : { office_id }),
      });
      if (run !== this.run) return;
      this.names.learn(named(agents));
      this.store.patch({ lines: fromList(agents) });
    } catch (error) {
      if (run !== this.run || error instanceof Disconnected) return;
      this.store.patch({ fault: explain(error) });
    }
  }

  /** Sets an agent's status, for all offices or for one; `null` clears what was set for the one. */
  async set(agent_id: string, office_id: string | null, status: NewStatus | null): Promise<void> {
    const own = `/v1/agents/${agent_id}/presence`;
    const path = office_id === null ? own : `${own}/offices/${office_id}`;
    if (status === null) await this.rest.delete(path);
    else await this.rest.put(path, status);
  }

  /** Sets or clears the status of all agents of an office there, and tells of how many. */
  async setOffice(office_id: string, status: NewStatus | null): Promise<number> {
    const path = `/v1/offices/${office_id}/presence`;
    const answer =
      status === null
        ? await this.rest.delete<Presence[]>(path)
        : await this.rest.put<Presence[]>(path, status);
    return answer.length;
  }
}

/** Returns why the presence of another was not changed, in a sentence. */
export function refusal(error: unknown): string {
  if (error instanceof Problem) {
    if (error.code === "forbidden") return "You may change the agents of your own offices only.";
    const fields = error.errors.map((fault) => fault.pointer);
    if (fields.includes("/office_id")) return "This agent does not belong to that office.";
    if (fields.includes("/status_id")) return "This status does not exist any more.";
  }
  return explain(error);
}

function named(agents: readonly WatchedAgent[]): { id: string; name: string }[] {
  return agents.flatMap(({ id, name }) => (name === undefined ? [] : [{ id, name }]));
}
