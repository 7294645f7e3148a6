import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asOwner } from "../support/database";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { runPython, skipPython } from "./python-client";
import { startWebProcess, type WebProcess } from "./web-process";

/** Batches the client sends, points in each, and how often the server dies meanwhile. */
const BATCHES = 120;
const POINTS = 50;
const KILLS = 2;

describe.skipIf(skipPython)("the stock client, whose server is killed and started again", () => {
  let world: TestWorld;
  let workspace: TestWorkspace;
  let web: WebProcess;
  beforeAll(async () => {
    world = await createTestWorld();
    workspace = await world.workspace();
    web = await startWebProcess(world);
  }, 180_000);
  afterAll(async () => {
    await web?.close();
    await world?.close();
  });

  const points = async (): Promise<number> => {
    const [row] = await asOwner<{ n: string }>(
      world.db.ownerUrl,
      "select count(*) as n from run_metrics where workspace_id = $1",
      [workspace.id],
    );
    return Number(row?.n);
  };

  it("finds every point it logged there, each once", { timeout: 280_000 }, async () => {
    const key = await workspace.key("data_scientist");
    const client = runPython<{ run_id: string }>(
      "retrying_client.py",
      {
        MLFLOW_TRACKING_URI: web.url,
        MLFLOW_TRACKING_TOKEN: key,
        MLFLOW_HTTP_REQUEST_MAX_RETRIES: "10",
        MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR: "1",
        HOME: world.artifactsFolder,
      },
      [String(BATCHES), String(POINTS)],
    );
    let killedAt = 0;
    for (let kill = 1; kill <= KILLS; kill++) {
      const enough = Math.max(killedAt, ((BATCHES * POINTS) / (KILLS + 1)) * kill);
      while ((await points()) < enough) {
        await Promise.race([sleep(10), client.then(() => Promise.reject(new Error("too fast")))]);
      }
      killedAt = await points();
      await web.kill();
      web = await startWebProcess(world, Number(new URL(web.url).port));
    }
    expect(killedAt).toBeLessThan(BATCHES * POINTS);
    const { run_id } = await client;
    const rows = await asOwner<{ key: string; n: string; steps: string; last: string }>(
      world.db.ownerUrl,
      `select m.key, count(*) as n, count(distinct m.step) as steps, max(l.step) as last
       from run_metrics m join run_latest_metrics l
         on l.workspace_id = m.workspace_id and l.run_id = m.run_id and l.key = m.key
       where m.workspace_id = $1 and replace(m.run_id::text, '-', '') = $2 group by m.key`,
      [workspace.id, run_id],
    );
    expect(rows).toEqual([
      {
        key: "loss",
        n: String(BATCHES * POINTS),
        steps: String(BATCHES * POINTS),
        last: String(BATCHES * POINTS - 1),
      },
    ]);
    const [counted] = await asOwner<{ points: string }>(
      world.db.ownerUrl,
      "select points from run_latest_metrics where workspace_id = $1 and key = 'loss'",
      [workspace.id],
    );
    expect(Number(counted?.points)).toBe(BATCHES * POINTS);
  });
});
