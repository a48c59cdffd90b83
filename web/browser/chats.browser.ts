import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from "vitest";
import {
  agentPage,
  agentWithoutSocket,
  faults,
  newPage,
  openBrowser,
  owner,
  visitorPage,
  write,
} from "./demo";

let browser: Browser;
let pages: Page[] = [];

beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(async () => browser.close());

beforeEach(async () => {
  const queue = `/v1/queues/${inject("demo").queue_id}`;
  await owner("PATCH", queue, { max_wait_s: null, overflow: null, round_pause_s: 5 });
});
afterEach(async () => {
  for (const page of pages) await page.context().close();
  pages = [];
  expect(faults.splice(0)).toEqual([]);
});

async function kept(page: Promise<Page>): Promise<Page> {
  const opened = await page;
  pages.push(opened);
  return opened;
}

/** A visitor and the agent that has taken its chat. */
async function talking(first: string): Promise<{ agent: Page; visitor: Page }> {
  const agent = await kept(agentPage(browser));
  const visitor = await kept(visitorPage(browser));
  await write(visitor, first);
  await agent.getByRole("button", { name: "Accept" }).click();
  await agent.getByRole("heading", { name: "A visitor" }).waitFor();
  return { agent, visitor };
}

async function answer(agent: Page, text: string): Promise<void> {
  await agent.getByPlaceholder("Write an answer").fill(text);
  await agent.getByRole("button", { name: "Send", exact: true }).click();
}

async function close(agent: Page): Promise<void> {
  await agent.getByRole("button", { name: "Close chat" }).click();
  await agent.getByRole("dialog").getByRole("button", { name: "Close chat" }).click();
}

test("a chat rings, is taken, answered, closed and rated", async () => {
  const { agent, visitor } = await talking("Is the big canoe free?");
  await visitor.getByText("Demo agent has joined.").waitFor();
  await answer(agent, "On Sunday it is");
  await visitor.getByText("On Sunday it is").waitFor();
  await write(visitor, "Then I take it");
  await agent.getByRole("log").getByText("Then I take it").waitFor();

  await close(agent);

  await visitor.getByText("The chat has ended.").waitFor();
  await visitor.getByRole("radio", { name: "Very good" }).check({ force: true });
  await visitor.getByRole("button", { name: "Send rating" }).click();
  await expect.poll(latestScore, { timeout: 10_000 }).toBe(5);
});

/** How the chat was rated that was started last. */
async function latestScore(): Promise<unknown> {
  const { data } = await owner("GET", "/v1/chats?limit=1", null);
  return (data as { score: unknown }[])[0]?.score;
}

test("an internal note is for agents and no visitor", async () => {
  const { agent, visitor } = await talking("Where is my order?");
  await agent.getByRole("button", { name: "Internal note" }).click();
  await agent.getByRole("textbox").fill("She called twice");
  await agent.keyboard.press("Enter");
  await agent.getByRole("log").getByText("She called twice").waitFor();
  await agent.getByRole("button", { name: "To the visitor" }).click();
  await answer(agent, "It is on its way");

  await visitor.getByText("It is on its way").waitFor();

  expect(await visitor.getByText("She called twice").count()).toBe(0);
  await close(agent);
});

test("the agent is shown why a chat came to it", async () => {
  const { agent } = await talking("Hello");
  await agent.getByRole("button", { name: "Details" }).click();

  await agent.getByRole("button", { name: "Show", exact: true }).click();

  await agent.getByText(/longest/i).first().waitFor();
  await close(agent);
});

test("what a visitor writes is text and nothing else", async () => {
  const script = '<img src="x" onerror="document.title = `taken`"><script>document.title = 1</script>';
  const { agent, visitor } = await talking(script);
  await agent.getByRole("log").getByText(script).waitFor();
  await visitor.getByText(script).waitFor();

  for (const page of [agent, visitor]) {
    expect(await page.title()).not.toMatch(/taken|^1$/);
    expect(await page.locator('img[src="x"]').count()).toBe(0);
  }
  await close(agent);
});

test("a visitor who waits keeps its place when the page is loaded again", async () => {
  await agentWithoutSocket();
  const visitor = await kept(visitorPage(browser));
  await write(visitor, "Is anybody there?");
  await visitor.getByText("You are next in line.").waitFor();

  await visitor.reload();

  await visitor.getByText("Is anybody there?").waitFor();
  await visitor.getByText("You are next in line.").waitFor();
});

test("who waited in vain is asked where to answer", async () => {
  const queue = `/v1/queues/${inject("demo").queue_id}`;
  await owner("PATCH", queue, { max_wait_s: 5, overflow: "messenger" });
  await agentWithoutSocket();
  const visitor = await kept(visitorPage(browser));
  await write(visitor, "Is anybody there?");

  await visitor.getByText("Where can we answer you?").waitFor();
  // On the next page, too.
  await visitor.reload();
  await visitor.getByText("Where can we answer you?").waitFor();
  await visitor.getByLabel("Your email address").fill("vic@home.example");
  await visitor.getByRole("button", { name: "Answer me by email" }).click();

  await visitor.getByText("the answer comes by email").waitFor();
});

test("who has no right password is told so and stays outside", async () => {
  const page = await kept(newPage(browser, "/agent"));
  await page.getByLabel("Company").fill("demo");
  await page.getByLabel("Email").fill("agent@demo.example");
  await page.getByLabel("Password").fill("not the password");

  await page.getByRole("button", { name: "Log in" }).click();

  await page.getByRole("alert").waitFor();
  expect(await page.getByRole("button", { name: /^My status/ }).count()).toBe(0);
});
