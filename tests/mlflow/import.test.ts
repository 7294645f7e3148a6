import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asOwner } from "../support/database";
import { startTestServer, type TestServer } from "../support/http";
import { TEST_SECRET } from "../support/test-secret";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { runPython, skipPython } from "./python-client";
import { type StockServer, startStockServer } from "./stock-server";

describe.skipIf(skipPython)("an import from a stock MLflow server", () => {
  let world: TestWorld;
  let workspace: TestWorkspace;
  let stock: StockServer;
  let server: TestServer;
  let home: string;
  beforeAll(async () => {
    world = await createTestWorld();
    workspace = await world.workspace();
    home = await mkdtemp(join(tmpdir(), "modelyard-import-"));
    stock = await startStockServer();
    server = await startTestServer(world, undefined, { artifactsFolder: join(home, "artifacts") });
    await runPython("import_seed.py", { MLFLOW_TRACKING_URI: stock.url, HOME: home });
  }, 900_000);
  afterAll(async () => {
    await server?.close();
    await stock?.close();
    await world?.close();
    await rm(home, { recursive: true, force: true });
  });

  function start(uri: string, more: string[] = []) {
    const args = [
      "--import",
      "tsx",
      "scripts/import-mlflow.ts",
      uri,
      "--workspace",
      workspace.slug,
    ];
    const child = spawn(process.execPath, [...args, ...more], {
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        DATABASE_URL: world.db.ownerUrl,
        MODELYARD_SECRET: TEST_SECRET,
        MODELYARD_HOME: home,
        LOG_LEVEL: "silent",
      },
    });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        text += String(chunk);
      });
    }
    const ended = once(child, "close").then(([code]) => ({ code: code as number | null, text }));
    return { child, ended };
  }

  const countOf = async (table: string, where = "true"): Promise<number> => {
    const [row] = await asOwner<{ n: string }>(
      world.db.ownerUrl,
      `select count(*) as n from ${table} where workspace_id = $1 and ${where}`,
      [workspace.id],
    );
    return Number(row?.n);
  };

  const dumps = async () => {
    const key = await workspace.key("data_scientist");
    const [there, here] = await Promise.all([
      runPython("import_dump.py", { MLFLOW_TRACKING_URI: stock.url, HOME: home }),
      runPython("import_dump.py", {
        MLFLOW_TRACKING_URI: server.url,
        MLFLOW_TRACKING_TOKEN: key,
        HOME: home,
      }),
    ]);
    return { there, here };
  };

  it("killed in the middle shows no half run as complete, and carries all over when it runs again", {
    timeout: 280_000,
  }, async () => {
    const first = start(stock.url);
    while ((await countOf("audit_log", "action = 'run.imported'")) < 3) {
      await Promise.race([
        sleep(20),
        first.ended.then(({ text }) => Promise.reject(new Error(`it ended too early: ${text}`))),
      ]);
    }
    first.child.kill("SIGKILL");
    await first.ended;
    const complete = await countOf("runs", "status <> 'RUNNING'");
    expect(complete).toBeGreaterThanOrEqual(3);
    expect(complete).toBe(await countOf("audit_log", "action = 'run.imported'"));
    expect(complete).toBeLessThan(17);

    const second = await start(stock.url).ended;
    expect(second.text).toContain("Everything is here.");
    expect(second.code).toBe(0);
    const { there, here } = await dumps();
    expect(here).toEqual(there);
    expect(await countOf("run_tags", "key like 'modelyard.%'")).toBe(0);
  });

  it("changes nothing when it runs once more", { timeout: 120_000 }, async () => {
    const tables = ["audit_log", "runs", "run_metrics", "run_artifacts", "model_versions"];
    const before = await Promise.all(tables.map((table) => countOf(table)));
    const again = await start(stock.url).ended;
    expect(again.text).toContain("Everything is here.");
    // The one run that has not ended may have gone on, so that it is looked at again.
    expect(again.text).toContain(" 1 copied");
    expect(await Promise.all(tables.map((table) => countOf(table)))).toEqual(before);
    expect(await countOf("audit_log", "action = 'run.imported'")).toBe(17);
  });

  it("of one experiment brings the models whose versions come from its runs, and no others", {
    timeout: 120_000,
  }, async () => {
    const versionsOf = async (experiment: string) => {
      const { slug, id } = await world.workspace();
      const only = ["--workspace", slug, "--experiment", experiment];
      const { text, code } = await start(stock.url, only).ended;
      expect(code, text).toBe(0);
      const rows = await asOwner<{ number: number }>(
        world.db.ownerUrl,
        "select number from model_versions where workspace_id = $1 and deleted_at is null order by number",
        [id],
      );
      return rows.map((row) => row.number);
    };
    const found = await Promise.all([versionsOf("first"), versionsOf('last "quoted" / ünï')]);
    expect(found.toSorted((a, b) => a.length - b.length)).toEqual([[], [1, 3]]);
  });

  it("says at once that no server is there, that it is no MLflow server, that the credentials are wrong", {
    timeout: 120_000,
  }, async () => {
    const [none, other, wrong] = await Promise.all([
      start("http://127.0.0.1:9").ended,
      start(`${server.url}/health?`).ended,
      start(server.url, ["--token", "mdy_wrong_wrong"]).ended,
    ]);
    expect(none.text).toContain("http://127.0.0.1:9 does not answer");
    expect(other.text).toContain("/experiments/search answers 404");
    expect(wrong.text).toContain("refuses these credentials (401)");
    for (const one of [none, other, wrong]) {
      expect(one.code).toBe(1);
      expect(one.text).not.toContain("    at ");
    }
  });
});
