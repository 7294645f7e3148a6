import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readEnvironmentState } from "@/server/training/environment-state";
import { PythonEnvironment, type PythonEnvironmentOptions } from "@/server/training/python-env";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "modelyard-python-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let count = 0;
/** An environment whose interpreter is a shell script in place of Python. */
async function environmentOf(script: string, more: Partial<PythonEnvironmentOptions> = {}) {
  count += 1;
  const python = join(folder, `python-${count}`);
  await writeFile(python, `#!/bin/sh\n${script}\n`);
  await chmod(python, 0o755);
  const stateFile = join(folder, `state-${count}.json`);
  const environment = new PythonEnvironment({
    folder: join(folder, `env-${count}`),
    stateFile,
    python,
    log: pino({ level: "silent" }),
    ...more,
  });
  environment.start();
  return { environment, state: () => readEnvironmentState(stateFile) };
}

it("tells how far it is, to other processes too, and when it is ready", async () => {
  const { environment, state } = await environmentOf(
    "echo 'installing 4 packages with uv'; echo '2/4 numpy'; sleep 0.5; echo ready",
  );
  await expect.poll(state).toEqual({ status: "preparing", progress: 0.5, message: "2/4 numpy" });
  expect(environment.readiness()).toEqual({
    state: "waiting",
    message: "Preparing the Python environment (50 %)",
  });
  await expect.poll(state).toEqual({ status: "ready", progress: 1, message: "Ready" });
  expect(environment.readiness()).toEqual({ state: "ready" });
  await environment.stop();
});

it("says in the words of the maker why there can be none", async () => {
  const { environment, state } = await environmentOf(
    "echo 'Python 3.10 or newer is needed, this is 3.8.1' >&2; exit 64",
  );
  await expect.poll(state).toMatchObject({ status: "failed", message: /needed, this is 3.8.1/ });
  expect(environment.readiness()).toMatchObject({
    state: "failed",
    message: /^No trainer can run/,
  });
  await environment.stop();
});

it("says what to install where there is no Python", async () => {
  const { environment, state } = await environmentOf("", { python: "no-such-python" });
  await expect
    .poll(state)
    .toMatchObject({ status: "failed", message: /no-such-python is not found.*PYTHON/ });
  await environment.stop();
});

it("uses an environment that exists, and refuses a setting that names none", async () => {
  const wrong = await environmentOf("exit 1", { existing: join(folder, "nowhere") });
  await expect
    .poll(wrong.state)
    .toMatchObject({ status: "failed", message: /MODELYARD_PYTHON_ENV/ });
  await wrong.environment.stop();
});

it("ends a making that is under way when the worker ends", async () => {
  const { environment } = await environmentOf("sleep 600");
  await new Promise((go) => setTimeout(go, 100));
  await environment.stop();
  expect(environment.readiness()).toMatchObject({ state: "waiting" });
});
