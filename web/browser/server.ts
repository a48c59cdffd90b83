// Starts the server with its demo tenant on a folder of its own, for all tests, and ends it after them.

import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { TestProject } from "vitest/node";
import type { Demo } from "./demo";

declare module "vitest" {
  interface ProvidedContext {
    base: string;
    demo: Demo;
  }
}

const PATIENCE_MS = 60_000;

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const binary = resolve(process.env["DESKBELL"] ?? "../target/debug/deskbell");
  const folder = await mkdtemp(join(tmpdir(), "deskbell-browser-"));
  const server = spawn(binary, ["serve", "--listen", "127.0.0.1:0"], {
    cwd: folder,
    env: {
      ...process.env,
      DESKBELL__DEMO__ENABLED: "true",
      // Each test logs the same agent in.
      DESKBELL__LIMITS__LOGINS_PER_MINUTE_PER_ACCOUNT: "0",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<number | null>((done) => server.once("exit", done));
  const stop = async (): Promise<void> => {
    server.kill("SIGTERM");
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    project.provide("base", await greeting(server.stdout, ended));
    const demo = await readFile(join(folder, "data", "demo.json"), "utf8");
    project.provide("demo", JSON.parse(demo) as Demo);
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

/** Where the server says that it answers. */
async function greeting(
  output: NodeJS.ReadableStream,
  ended: Promise<number | null>,
): Promise<string> {
  let said = "";
  const found = new Promise<string>((done) => {
    output.on("data", (part: Buffer) => {
      said += part.toString();
      const address = /answers at (http:\S+)\n[^]*Ctrl-C/.exec(said)?.[1];
      if (address !== undefined) done(address);
    });
  });
  const late = new Promise<never>((_, fail) => {
    setTimeout(() => fail(new Error(`the server does not come up: ${said}`)), PATIENCE_MS).unref();
  });
  const over = ended.then((code) => {
    throw new Error(`the server has ended with ${code}: ${said}`);
  });
  return Promise.race([found, late, over]);
}
