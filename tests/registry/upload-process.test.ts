import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkUpload } from "@/server/registry/uploads/check-upload";
import { MODEL_BYTES_MAX } from "@/server/registry/uploads/constants";
import { regressionModel } from "../node/support/sample-models";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";

let world: TestWorld;
let a: TestWorkspace;
beforeAll(async () => {
  world = await createTestWorld();
  a = await world.workspace();
});
afterAll(() => world.close());

const PATIENCE_MS = 30_000;

describe("the process that checks", () => {
  const hints = { target: "y", features: ["a", "b"] };

  it(
    "is ended when it takes too long or too much",
    async () => {
      const check = (limits: { timeoutMs: number; residentMb: number }) =>
        checkUpload(Readable.from([regressionModel()]), hints, limits);
      await expect(check({ timeoutMs: 5, residentMb: 4_000 })).rejects.toMatchObject({
        code: "validation_failed",
        message: expect.stringContaining("0.005 seconds"),
      });
      await expect(check({ timeoutMs: 20_000, residentMb: 10 })).rejects.toMatchObject({
        code: "validation_failed",
        message: expect.stringContaining("10 MB"),
      });
    },
    PATIENCE_MS,
  );

  it(
    "serves two at a time and asks the others to come back",
    async () => {
      const all = await Promise.allSettled(
        Array.from({ length: 4 }, () => checkUpload(Readable.from([regressionModel()]), hints)),
      );
      expect(all.filter(({ status }) => status === "fulfilled")).toHaveLength(2);
      for (const one of all) {
        if (one.status === "rejected") expect(one.reason).toMatchObject({ code: "unavailable" });
      }
    },
    PATIENCE_MS,
  );

  it("is spared files over the limit", async () => {
    expect(MODEL_BYTES_MAX).toBe(512 * 1024 * 1024);
    const put = (bytes: number) =>
      a.job().ports.objects.put(a.id, Readable.from([Buffer.alloc(bytes)]), 10);
    await expect(put(11)).rejects.toMatchObject({ code: "payload_too_large" });
  });
});
