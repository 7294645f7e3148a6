import { defineConfig } from "@playwright/test";

const executablePath = process.env.CHROME_PATH;

export default defineConfig({
  testDir: ".",
  testMatch: "**/*.spec.ts",
  globalSetup: "./start-product.ts",
  workers: 1,
  // What passes only on another try is named by `npm test`.
  retries: 2,
  timeout: 180_000,
  expect: { timeout: 15_000 },
  reporter: [
    ["list"],
    [
      "json",
      {
        outputFile:
          process.env.PLAYWRIGHT_JSON ?? "../../node_modules/.cache/modelyard/playwright.json",
      },
    ],
  ],
  outputDir: "../../node_modules/.cache/modelyard/playwright",
  use: {
    viewport: { width: 1440, height: 900 },
    launchOptions: {
      ...(executablePath ? { executablePath } : {}),
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-background-networking",
        "--disable-component-update",
      ],
    },
    // Lists and dialogs that are half gone are taken for the next ones.
    contextOptions: { reducedMotion: "reduce" },
    actionTimeout: 20_000,
    screenshot: "only-on-failure",
    trace: "off",
  },
});
