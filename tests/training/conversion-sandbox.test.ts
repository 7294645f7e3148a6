import { type ChildProcess, fork } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deployVersion, getDeployment } from "@/server/deployments";
import { listConversions, runConversion } from "@/server/training";
import { cancelConversion } from "@/server/training/conversions/cancel-conversion";
import type { SandboxLimits } from "@/server/training/conversions/sandbox/run-sandbox";
import { setConversionSettings } from "@/server/training/conversions/set-settings";
import type { TestWorkspace } from "../support/workspace";
import {
  converterIn,
  createNativeWorld,
  type NativeWorld,
  PYTHON_ENV,
  pickleThatRuns,
} from "./support/native-world";

const PATIENCE_MS = 60_000;

/** Finds the files the sandbox opened before its walls stood, and writes its own into them. */
const FORGE = `
import json, os
said = {"method": "forged", "parity": {"rows": 1, "maxAbsDiff": 0, "labelFlips": 0, "tolerance": 0},
        "signature": {"task": "regression", "features": [{"name": "a", "type": "number", "nullable": False}],
                      "target": {"name": "y", "type": "number"}, "classes": None,
                      "inputs": [{"name": "numeric", "datatype": "FP64", "shape": [-1, 1], "columns": ["a"]}],
                      "outputs": [{"name": "prediction", "datatype": "FP64", "shape": [-1]}]},
        "inputExample": {"inputs": [{"a": 1}]}}
for number in range(3, 20):
    try:
        name = os.readlink("/proc/self/fd/%d" % number)
    except OSError:
        continue
    if name.endswith("model.onnx"): os.write(number, b"MZ this is a program")
    if name.endswith("result.json"): os.write(number, json.dumps(said).encode())
os._exit(0)
`;

/** What a pickle does, what the sandbox may take, and what people read of its end. */
const HOSTILE: Record<string, [code: string, limits: Partial<SandboxLimits>, error: RegExp]> = {
  "prints without end": [
    "while True: print('x' * 100000)",
    { outputBytes: 4_000_000 },
    /printed too much/,
  ],
  "sleeps for ever": [
    "import time; time.sleep(100000)",
    { timeoutMs: 6_000 },
    /more than 6 seconds/,
  ],
  "spins for ever": ["while True: pass", { cpuSeconds: 2 }, /2 seconds of processor time/],
  "eats memory": [
    "x = bytearray(64 << 30)",
    {},
    /^The conversion needs more than 4096 MiB of memory\.$/,
  ],
  "forges a result that is no ONNX": [FORGE, {}, /ONNX|model/i],
  "ends itself with a signal": [
    "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
    {},
    /ended the process that converted it/,
  ],
  "is no pickle at all": ["", {}, /cannot be read/],
};

describe.skipIf(!existsSync(PYTHON_ENV) || process.platform !== "linux")("the sandbox", () => {
  let world: NativeWorld;
  let workspace: TestWorkspace;
  let folder: string;
  const workers: ChildProcess[] = [];
  beforeAll(async () => {
    world = await createNativeWorld();
    workspace = await world.workspace();
    folder = await mkdtemp(join(tmpdir(), "modelyard-conversions-"));
    await setConversionSettings(workspace.as("admin"), { allowPickled: true });
  });
  afterAll(async () => {
    for (const worker of workers) worker.kill("SIGKILL");
    await world.close();
    await rm(folder, { recursive: true, force: true });
    await rm(`${world.artifactsFolder}-conversions`, { recursive: true, force: true });
  });

  async function deployPickle(model: string, code: string): Promise<string> {
    const content = code === "" ? "no pickle" : pickleThatRuns(code);
    const versionId = await world.log(workspace, model, { file: "model.pkl", content });
    const ask = { model, versionId, name: model, environment: "production" as const };
    await deployVersion(workspace.as("admin"), ask);
    return versionId;
  }
  const newest = async (model: string) =>
    (await listConversions(workspace.as("viewer"), { model, version: "1" })).items[0];

  it.each(Object.entries(HOSTILE))(
    "ends a pickle that %s, and says so",
    { timeout: PATIENCE_MS },
    async (name, [code, limits, error]) => {
      const model = name.replaceAll(" ", "-");
      const versionId = await deployPickle(model, code);
      const job = workspace.job();
      const ports = { ...job.ports, converter: converterIn(folder, limits) };
      await expect(runConversion({ ...job, ports }, { versionId })).rejects.toMatchObject({
        code: "validation_failed",
        message: expect.stringMatching(error),
      });
      const row = await newest(model);
      expect(row).toMatchObject({ status: "failed", error: expect.stringMatching(error) });
      expect(row?.log.length).toBeLessThan(300_000);
      expect(await readdir(folder)).toEqual([]);
    },
  );

  async function startWorker(): Promise<ChildProcess> {
    const worker = fork(
      "tests/training/support/converting-worker.ts",
      [world.db.url, world.artifactsFolder],
      { execArgv: ["--import", "tsx"] },
    );
    workers.push(worker);
    await new Promise((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("exit", reject);
    });
    return worker;
  }

  /** Process ids of sandboxes this worker started. */
  async function sandboxesOf(worker: ChildProcess): Promise<number[]> {
    const listed = await readFile(`/proc/${worker.pid}/task/${worker.pid}/children`, "utf8");
    const found: number[] = [];
    for (const pid of listed.split(" ").filter(Boolean).map(Number)) {
      const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      if (command.includes("modelyard_trainers.convert")) found.push(pid);
    }
    return found;
  }

  it("dies with its worker; the next one goes on, and a cancel ends both with the roll-out", {
    timeout: 3 * PATIENCE_MS,
  }, async () => {
    const first = await startWorker();
    await deployPickle("endless", "import time; time.sleep(100000)");
    const attempt = async () => (await newest("endless"))?.attempt;
    await expect.poll(attempt, { timeout: PATIENCE_MS }).toBe(1);
    await expect.poll(() => sandboxesOf(first), { timeout: PATIENCE_MS }).toHaveLength(1);
    const [sandbox] = await sandboxesOf(first);
    // Once its walls stand it is bound to the worker's life.
    const walled = async () =>
      (await readFile(`/proc/${sandbox}/status`, "utf8")).includes("Seccomp:\t2");
    await expect.poll(walled, { timeout: PATIENCE_MS }).toBe(true);
    first.kill("SIGKILL");
    await expect.poll(() => existsSync(`/proc/${sandbox}`), { timeout: PATIENCE_MS }).toBe(false);
    const second = await startWorker();
    await expect.poll(attempt, { timeout: PATIENCE_MS }).toBe(2);
    await expect.poll(() => sandboxesOf(second), { timeout: PATIENCE_MS }).toHaveLength(1);
    await cancelConversion(workspace.as("admin"), { model: "endless", version: "1" });
    await expect.poll(() => sandboxesOf(second), { timeout: PATIENCE_MS }).toHaveLength(0);
    const state = () => getDeployment(workspace.as("viewer"), { deployment: "endless" });
    await expect.poll(async () => (await state()).status, { timeout: PATIENCE_MS }).toBe("failed");
    expect((await state()).error).toContain("canceled");
    expect(await newest("endless")).toMatchObject({ status: "canceled" });
  });
});
