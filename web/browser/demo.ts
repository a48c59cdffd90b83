// What the tests do besides clicking: the demo tenant over REST, and browsers.

import { chromium, type Browser, type Page } from "playwright-core";
import { inject } from "vitest";

/** What the server writes of its demo tenant. */
export interface Demo {
  queue_id: string;
  widget_id: string;
  people: { email: string; password: string; role: string }[];
}

export type Json = Record<string, unknown>;

function person(role: string): { email: string; password: string } {
  const found = inject("demo").people.find((known) => known.role === role);
  if (found === undefined) throw new Error(`the demo has no ${role}`);
  return found;
}

async function call(
  method: string,
  path: string,
  token: string | null,
  body: Json | null,
): Promise<Json> {
  const answer = await fetch(inject("base") + path, {
    method,
    headers: {
      "content-type": "application/json",
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    body: body === null ? null : JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text === "" ? {} : (JSON.parse(text) as Json);
}

/** Sets something up as the owner of the demo tenant, or reads it. */
export async function owner(method: string, path: string, body: Json | null): Promise<Json> {
  return call(method, path, await token("owner"), body);
}

const tokens = new Map<string, Promise<string>>();

/** One log-in for all tests: they are counted, and a token lasts for longer than the tests. */
function token(role: string): Promise<string> {
  const known = tokens.get(role) ?? logIn(role);
  tokens.set(role, known);
  return known;
}

async function logIn(role: string): Promise<string> {
  const { email, password } = person(role);
  const session = await call("POST", "/v1/auth/login", null, { tenant: "demo", email, password });
  return session["access_token"] as string;
}

/** Puts the agent online for a minute, without a socket: chats wait then. */
export async function agentWithoutSocket(): Promise<void> {
  await call("PUT", "/v1/me/presence", await token("agent"), { status: "online" });
}

/** A browser that looks for nothing on the network but the server. */
export async function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** A page of somebody else: nothing is shared with other pages. What goes wrong in it is kept. */
export async function newPage(browser: Browser, path: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 850 } });
  const page = await context.newPage();
  page.on("pageerror", (error) => faults.push(`${path}: ${error.message}`));
  await page.goto(inject("base") + path);
  return page;
}

/** What was thrown in any page. */
export const faults: string[] = [];

/** The page of the demo agent, who is online there. */
export async function agentPage(browser: Browser): Promise<Page> {
  const page = await newPage(browser, "/agent");
  const { email, password } = person("agent");
  await page.getByLabel("Company").fill("demo");
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("button", { name: /^My status/ }).click();
  const choices = page.getByRole("region", { name: "Set my status" });
  await choices.getByRole("button", { name: "Online" }).click();
  await page.getByRole("button", { name: "My status: Online" }).click();
  return page;
}

/** The page of a visitor, who has opened the widget. */
export async function visitorPage(browser: Browser): Promise<Page> {
  const page = await newPage(browser, "/demo");
  await page.getByRole("button", { name: "Chat with us" }).click();
  return page;
}

/** Writes in the widget. */
export async function write(page: Page, text: string): Promise<void> {
  await page.getByPlaceholder("Write a message").fill(text);
  await page.getByRole("button", { name: "Send", exact: true }).click();
}
