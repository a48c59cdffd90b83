// Three builds into one `dist/`: the pages, the launcher and the panel. The launcher and the panel
// are classic scripts, since they run on other companies' pages, where a module would need CORS.
// File names carry no hash: the files are committed and the server decides how they are cached.

import { defineConfig, type BuildOptions, type UserConfig } from "vite";

// `light-dark()` must reach the browser as it is: inside the widget it follows the host page.
const browsers = ["chrome123", "firefox120", "safari17.5"];

const shared: BuildOptions = {
  outDir: "../dist",
  target: "es2022",
  cssTarget: browsers,
  assetsInlineLimit: 0,
  modulePreload: { polyfill: false },
  reportCompressedSize: false,
  // The licence texts of what is bundled, as those licences ask.
  license: { fileName: "assets/licenses.md" },
};

function classicScript(entry: string, name: string, file: string): BuildOptions {
  return {
    ...shared,
    emptyOutDir: false,
    lib: { entry, name, formats: ["iife"], fileName: () => file },
    rolldownOptions: { output: { extend: false } },
  };
}

function builds(mode: string): BuildOptions {
  switch (mode) {
    case "launcher":
      return {
        ...classicScript("widget/launcher.ts", "DeskbellLauncher", "widget.js"),
        license: false,
      };
    case "panel":
      return classicScript("widget/panel.tsx", "DeskbellPanel", "assets/widget-panel.js");
    default:
      return {
        ...shared,
        emptyOutDir: true,
        rolldownOptions: {
          input: ["src/agent.html", "src/demo.html"],
          output: {
            entryFileNames: "assets/[name].js",
            chunkFileNames: "assets/[name].js",
            assetFileNames: "assets/[name][extname]",
          },
        },
      };
  }
}

export default defineConfig(({ mode }): UserConfig & { test: object } => ({
  root: "src",
  publicDir: false,
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: builds(mode),
  test: { root: ".", include: ["tests/**/*.test.ts"], environment: "node" },
}));
