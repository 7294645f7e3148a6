import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { multipart, send } from "../datasets/upload-form";
import { createDeployedWorld, type DeployedWorld } from "../deployments/support/deployed-world";
import {
  type PredictionServer,
  startPredictionServer,
} from "../predictions/support/prediction-server";
import { populate, type Things } from "../tenancy/support/populated";
import { spyOnFiles } from "./support/file-spy";
import { hostileArchives } from "./support/hostile-archives";
import { pathCorpus } from "./support/path-corpus";

const SECRET = "canary-4f0c6a";

let world: DeployedWorld;
let server: PredictionServer;
let things: Things;
let key: string;
let outside: string;
let staging: string;
let canary: string;
let spy: ReturnType<typeof spyOnFiles>;
const systemTmp = process.env.TMPDIR;
beforeAll(async () => {
  world = await createDeployedWorld();
  server = await startPredictionServer(world, world.nodes);
  const workspace = await world.workspace();
  things = await populate(world, server, workspace);
  key = await workspace.key("admin");
  outside = await mkdtemp(join(tmpdir(), "modelyard-outside-"));
  staging = join(outside, "staging");
  await mkdir(staging);
  canary = join(outside, "canary.txt");
  await writeFile(canary, SECRET);
  process.env.TMPDIR = staging;
  spy = spyOnFiles();
});
afterAll(async () => {
  spy.stop();
  if (systemTmp === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = systemTmp;
  await server.close();
  await world.close();
  await rm(outside, { recursive: true, force: true });
});

const bearer = () => ({ authorization: `Bearer ${key}` });

/** Without a name for the dataset the form is refused as soon as its file is staged. */
async function uploadDataset(name: string | undefined, fileName: string, content: Buffer | string) {
  const form = multipart([
    ...(name === undefined ? [] : [{ name: "name", content: name }]),
    { name: "file", content, fileName: fileName.replaceAll(/["\p{Cc}]/gu, "_") },
  ]);
  const headers = { ...bearer(), "content-type": form.type };
  return send(`${server.url}/api/v1/datasets`, "POST", headers, form.body);
}

const artifacts = () =>
  `${server.url}/api/2.0/mlflow-artifacts/artifacts/${things.experimentNumber}/${things.runId.replaceAll("-", "")}/artifacts`;

/** Bytes that the store holds. */
async function storedBytes(): Promise<number> {
  let sum = 0;
  for (const name of await readdir(world.artifactsFolder, { recursive: true })) {
    const found = await stat(join(world.artifactsFolder, name));
    if (found.isFile()) sum += found.size;
  }
  return sum;
}

/** Each is read by a process of its own, which takes its time: the rest by PATH_CORPUS=full. */
const NAMES =
  process.env.PATH_CORPUS === "full"
    ? Object.keys(hostileArchives("/x/canary.txt"))
    : ["climbing.zip", "symlink.tar", "bomb.zip", "bomb.csv.gz", "bomb.parquet"];

describe("a hostile archive", () => {
  it.concurrent.each(NAMES)(
    "%s is refused as a dataset",
    async (name) => {
      const content = hostileArchives(canary)[name] ?? Buffer.alloc(0);
      const reply = await uploadDataset(`archive ${name}`, "data.csv", content);
      expect(reply.status, JSON.stringify(reply.body)).toBeGreaterThanOrEqual(400);
      expect(reply.status, JSON.stringify(reply.body)).toBeLessThan(500);
      expect(JSON.stringify(reply.body)).not.toContain(SECRET);
    },
    180_000,
  );

  it("is kept byte by byte as a run's artifact, and nothing is unpacked", async () => {
    for (const [name, content] of Object.entries(hostileArchives(canary))) {
      const before = await storedBytes();
      const path = `${artifacts()}/archives/${name}`;
      const put = await send(path, "PUT", bearer(), content);
      expect(put.status, name).toBe(200);
      const grown = (await storedBytes()) - before;
      expect(grown, name).toBeLessThanOrEqual(content.length * 1.01 + 4096);
      const got = await fetch(path, { headers: bearer() });
      expect(Buffer.from(await got.arrayBuffer()).equals(content), name).toBe(true);
      expect(got.headers.get("content-disposition"), name).toMatch(/^attachment/);
    }
  }, 180_000);
});

it("the name of an uploaded file, in all its spellings, reaches no file", async () => {
  const corpus = pathCorpus(canary);
  const wrong: string[] = [];
  const lane = async () => {
    for (let name = corpus.pop(); name !== undefined; name = corpus.pop()) {
      const { status, body } = await uploadDataset(undefined, name, "a,b\n1,2\n");
      const text = JSON.stringify(body);
      if (status < 400 || status >= 500 || text.includes(SECRET)) wrong.push(`${status} ${name}`);
    }
  };
  await Promise.all(Array.from({ length: 6 }, lane));
  expect(wrong).toEqual([]);
}, 180_000);

it("leaves the canary alone, and touches no file but the store's own and its staging", async () => {
  spy.stop();
  expect(await readFile(canary, "utf8")).toBe(SECRET);
  expect((await readdir(outside)).sort()).toEqual(["canary.txt", "staging"]);
  expect((await readdir(staging)).filter((name) => !/^modelyard-/.test(name))).toEqual([]);
  const homes = [world.artifactsFolder, staging, process.cwd()].map((home) => home + sep);
  // The memory of the process that reads an upload is watched.
  const isOurs = (path: string) =>
    path === world.artifactsFolder ||
    /^\/proc\/\d+\/status$/.test(path) ||
    homes.some((home) => path.startsWith(home));
  const strange = [...spy.paths].filter((path) => !isOurs(path));
  expect(strange).toEqual([]);
  const inStore = [...spy.paths].filter((path) => path.startsWith(homes[0] ?? ""));
  expect(inStore.length).toBeGreaterThan(0);
  const named = inStore.filter((path) => /canary|archive|\.zip|\.tar|\.csv|\.\./.test(path));
  expect(named).toEqual([]);
});
