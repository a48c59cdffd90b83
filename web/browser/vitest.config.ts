// The pages in a browser, against the server that embeds them: one after the other, since they share its demo tenant.

import { defineConfig } from "vitest/config";

export default defineConfig({
  cacheDir: "../node_modules/.vite",
  test: {
    root: "browser",
    include: ["*.browser.ts"],
    globalSetup: ["server.ts"],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
