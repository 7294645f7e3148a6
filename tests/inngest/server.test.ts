import { it } from "vitest";
import { describeConformance } from "./conformance";
import { createServerDriver } from "./server-driver";

const baseUrl = process.env.INNGEST_BASE_URL;

if (baseUrl) {
  describeConformance(`Inngest server at ${baseUrl}`, () =>
    createServerDriver(baseUrl, {
      eventKey: process.env.INNGEST_EVENT_KEY,
      signingKey: process.env.INNGEST_SIGNING_KEY,
    }),
  );
} else {
  console.log("skipped: conformance against a real Inngest server; set INNGEST_BASE_URL to run it");
  it.skip("conformance against a real Inngest server (set INNGEST_BASE_URL)", () => undefined);
}
