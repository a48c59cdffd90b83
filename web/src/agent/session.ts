// The agent's login: tokens, kept for this tab, renewed before they expire. A refresh token works
// once, so refreshing is never done twice at a time and never by two tabs with the same token.

import { newId } from "../shared/id";
import { keep } from "../shared/keep";
import type { Tokens } from "../shared/protocol";
import { Problem, Rest, SignedOut } from "../shared/rest";

interface Kept {
  /** Names this login within the browser, to find out that another tab has it. */
  tag: string;
  access_token: string;
  expires_at: number;
  refresh_token: string;
}

// An access token this close to its end may not outlive the request that carries it.
const MARGIN_MS = 30_000;
// Renewed at four fifths of its life: three minutes before the end of the usual fifteen.
const RENEW_AT = 0.8;
const RETRY_MS = 15_000;
// A reload needs a moment until the old page lets go of its lock.
const LOCK_WAIT_MS = 2_000;

export class Session {
  private readonly place = keep<Kept>("sessionStorage", "deskbell.session");
  private readonly open = new Rest("");
  private kept: Kept | null = this.place.read();
  private refreshing: Promise<string> | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    /** Hears each new access token, except the first. */
    private readonly onRenewed: (token: string) => void,
  ) {}

  get present(): boolean {
    return this.kept !== null;
  }

  /** Takes up the login of this tab after a reload; false when there is none to take up. */
  async restore(): Promise<boolean> {
    if (this.kept === null) return false;
    if (!(await claim(this.kept.tag))) {
      // This tab is a copy of one that is still open; the login belongs to that one.
      this.forget();
      return false;
    }
    this.plan();
    return true;
  }

  async login(tenant: string, email: string, password: string): Promise<void> {
    const tokens = await this.open.post<Tokens>("/v1/auth/login", { tenant, email, password });
    const tag = newId();
    void claim(tag);
    this.take(tokens, tag);
  }

  async logout(): Promise<void> {
    try {
      const token = await this.token(false);
      const once = new Rest("", () => Promise.resolve(token));
      await once.post("/v1/auth/logout");
    } finally {
      this.forget();
    }
  }

  /** Gives a valid access token; throws `SignedOut` when there is none to be had. */
  token(renew: boolean): Promise<string> {
    if (this.kept === null) return Promise.reject(new SignedOut("not logged in"));
    const fresh = this.kept.expires_at - Date.now() > MARGIN_MS;
    if (fresh && !renew && this.refreshing === null) {
      return Promise.resolve(this.kept.access_token);
    }
    this.refreshing ??= this.refresh().finally(() => (this.refreshing = null));
    return this.refreshing;
  }

  forget(): void {
    clearTimeout(this.timer);
    this.kept = null;
    this.place.write(null);
  }

  private async refresh(): Promise<string> {
    const { refresh_token, tag } = this.kept!;
    let tokens: Tokens;
    try {
      tokens = await this.open.post<Tokens>("/v1/auth/refresh", { refresh_token });
    } catch (error) {
      if (error instanceof Problem && error.status === 401) {
        this.forget();
        throw new SignedOut(error.message);
      }
      throw error;
    }
    // A logout may have come in between; its session is not to be revived.
    if (this.kept?.tag !== tag) throw new SignedOut("logged out");
    this.take(tokens, tag);
    this.onRenewed(tokens.access_token);
    return tokens.access_token;
  }

  private take(tokens: Tokens, tag: string): void {
    this.kept = {
      tag,
      access_token: tokens.access_token,
      expires_at: Date.now() + tokens.expires_in_s * 1000,
      refresh_token: tokens.refresh_token,
    };
    this.place.write(this.kept);
    this.plan(tokens.expires_in_s * 1000 * RENEW_AT);
  }

  private plan(delay_ms = this.kept!.expires_at - Date.now() - MARGIN_MS): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(
      () => {
        this.token(true).catch((error: unknown) => {
          if (!(error instanceof SignedOut)) this.plan(RETRY_MS);
        });
      },
      Math.max(0, delay_ms),
    );
  }
}

/** Holds the login's lock for the life of this page; false when another tab holds it. */
function claim(tag: string): Promise<boolean> {
  // Locks exist in secure contexts only; elsewhere a copied tab logs both out, as the server says.
  if (!("locks" in navigator)) return Promise.resolve(true);
  return new Promise((resolve) => {
    const held = (): Promise<never> => {
      resolve(true);
      return new Promise<never>(() => {});
    };
    navigator.locks
      .request(`deskbell.session.${tag}`, { signal: AbortSignal.timeout(LOCK_WAIT_MS) }, held)
      .catch(() => resolve(false));
  });
}
