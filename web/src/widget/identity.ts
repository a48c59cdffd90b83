// The visitor's token: made at the first message, kept in this browser, renewed with itself.

import { keep, type Keep } from "../shared/keep";
import type { VisitorToken } from "../shared/protocol";
import { Problem, Rest } from "../shared/rest";
import { place } from "./contract";

// A token lives 30 days; one with less than this left is renewed when it is next needed.
const RENEW_BELOW_MS = 20 * 24 * 3600 * 1000;

export class Identity {
  private readonly place: Keep<VisitorToken>;
  private readonly open: Rest;
  private renewing: Promise<string> | null = null;

  constructor(
    base: string,
    private readonly key: string,
    /** The old token was of no use: this is another visitor, without the chats of the first. */
    private readonly onReplaced: () => void,
  ) {
    this.place = keep("localStorage", place("visitor", key));
    this.open = new Rest(base);
  }

  token(renew: boolean): Promise<string> {
    const kept = this.place.read();
    const fresh = kept !== null && Date.parse(kept.expires_at) - Date.now() > RENEW_BELOW_MS;
    if (fresh && !renew && this.renewing === null) return Promise.resolve(kept.token);
    this.renewing ??= this.obtain(kept).finally(() => (this.renewing = null));
    return this.renewing;
  }

  private async obtain(kept: VisitorToken | null): Promise<string> {
    const path = `/v1/widget/${encodeURIComponent(this.key)}/visitors`;
    let visitor: VisitorToken;
    try {
      visitor = await this.open.post<VisitorToken>(path, kept === null ? {} : { token: kept.token });
    } catch (error) {
      const refused = error instanceof Problem && [401, 422].includes(error.status);
      if (kept === null || !refused) throw error;
      visitor = await this.open.post<VisitorToken>(path, {});
    }
    this.place.write(visitor);
    if (kept !== null && kept.visitor_id !== visitor.visitor_id) this.onReplaced();
    return visitor.token;
  }
}
