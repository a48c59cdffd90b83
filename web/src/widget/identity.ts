// The visitor's token: made at the first message, kept in this browser. Of somebody whom the site
// does not know it is renewed with itself, of anybody else with what the site says.

import type { Keep } from "../shared/keep";
import type { VisitorToken } from "../shared/protocol";
import { Problem, Rest } from "../shared/rest";
import { type SiteIdentity } from "./site";

// A token lives 30 days; one with less than this left is renewed when it is next needed.
const RENEW_BELOW_MS = 20 * 24 * 3600 * 1000;

/** A token with what the site had said besides who it is. */
export interface KeptVisitor extends VisitorToken {
  answers?: Readonly<Record<string, string>>;
}

export class Identity {
  private readonly open: Rest;
  private renewing: Promise<string> | null = null;

  constructor(
    base: string,
    private readonly key: string,
    private site: SiteIdentity | null,
    private readonly place: Keep<KeptVisitor>,
    /** The old token was of no use: this is another visitor, without the chats of the first. */
    private readonly onReplaced: () => void,
  ) {
    this.open = new Rest(base);
  }

  /** Whether the site knows who this is. */
  get known(): boolean {
    return this.site !== null;
  }

  /** Takes a fresh token of the same person. */
  refresh(site: SiteIdentity): void {
    this.site = site;
  }

  token(renew: boolean): Promise<string> {
    const kept = this.place.read();
    const fresh =
      kept !== null &&
      isSame(kept.answers, this.site?.answers) &&
      Date.parse(kept.expires_at) - Date.now() > RENEW_BELOW_MS;
    if (fresh && !renew && this.renewing === null) return Promise.resolve(kept.token);
    const obtained = this.site === null ? this.renewed(kept) : this.identified(this.site, kept, renew);
    this.renewing ??= obtained.finally(() => (this.renewing = null));
    return this.renewing;
  }

  private async renewed(kept: KeptVisitor | null): Promise<string> {
    let visitor: VisitorToken;
    try {
      visitor = await this.ask(kept === null ? {} : { token: kept.token });
    } catch (error) {
      const refused = error instanceof Problem && [401, 422].includes(error.status);
      if (kept === null || !refused) throw error;
      visitor = await this.ask({});
    }
    return this.take(visitor, kept);
  }

  private async identified(
    site: SiteIdentity,
    kept: KeptVisitor | null,
    renew: boolean,
  ): Promise<string> {
    try {
      const visitor = await this.ask({ identity_token: site.token });
      return this.take({ ...visitor, answers: site.answers }, kept);
    } catch (error) {
      if (error instanceof Problem && !error.passing) {
        console.warn("deskbell: the identity token is refused:", error.message, error.errors);
      }
      // A page that was open for longer than its token is good has one of the same person all the same.
      const good = kept !== null && !renew && Date.parse(kept.expires_at) > Date.now();
      if (!good) throw error;
      return kept.token;
    }
  }

  private ask(body: object): Promise<VisitorToken> {
    const path = `/v1/widget/${encodeURIComponent(this.key)}/visitors`;
    return this.open.post<VisitorToken>(path, body);
  }

  private take(visitor: KeptVisitor, kept: KeptVisitor | null): string {
    this.place.write(visitor);
    if (kept !== null && kept.visitor_id !== visitor.visitor_id) this.onReplaced();
    return visitor.token;
  }
}

function isSame(a: KeptVisitor["answers"] = {}, b: KeptVisitor["answers"] = {}): boolean {
  return a["name"] === b["name"] && a["email"] === b["email"];
}

/** Whether the server could not tell who this is by what the site says. */
export function isUnrecognised(error: unknown): boolean {
  if (!(error instanceof Problem)) return false;
  const named = error.errors.some((fault) => fault.pointer === "/identity_token");
  return named || error.code === "no_identity_secret";
}
