import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { deployVersion, updateDeploymentSettings } from "@/server/deployments";
import { exportDeployment } from "@/server/deployments/kubernetes/export-deployment";
import type { Manifest } from "@/server/deployments/kubernetes/manifests/manifest";
import {
  addVersion,
  createDeployedWorld,
  type DeployedWorld,
  makeModel,
  slopeModel,
} from "../deployments/support/deployed-world";
import {
  call,
  type PredictionServer,
  startPredictionServer,
} from "../predictions/support/prediction-server";
import type { TestWorkspace } from "../support/workspace";
import { schemaProblem } from "./support/check-schema";
import { SETTINGS } from "./support/samples";

let world: DeployedWorld;
let server: PredictionServer;
let workspace: TestWorkspace;
let key: string;
beforeAll(async () => {
  world = await createDeployedWorld();
  workspace = await world.workspace();
  key = await workspace.key("viewer");
  server = await startPredictionServer(world, world.nodes);
  const ctx = workspace.as("admin");
  const model = await makeModel(ctx);
  const versionId = await addVersion(ctx, model.id, slopeModel(2));
  const place = { environment: "production" as const, minReplicas: 2, maxReplicas: 6 };
  await deployVersion(ctx, { model: model.id, versionId, name: "to-export", ...place });
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const address = (query = "") => `${server.url}/api/v1/deployments/to-export/kubernetes${query}`;
const kindsOf = (items: unknown) => (items as { kind: string }[]).map(({ kind }) => kind);

describe("the objects of a deployment, over REST", () => {
  it("are a List in JSON by default, and each is taken by Kubernetes", async () => {
    const reply = await call(address("?namespace=ml&image=own/node:3"), key);
    expect(reply.status).toBe(200);
    const { kind, items } = reply.body as { kind: string; items: Manifest[] };
    expect([kind, kindsOf(items)]).toEqual([
      "List",
      [
        "ServiceAccount",
        "NetworkPolicy",
        "Service",
        "Deployment",
        "HorizontalPodAutoscaler",
        "PodDisruptionBudget",
      ],
    ]);
    for (const item of items) {
      expect(item).toMatchObject({ metadata: { namespace: "ml" } });
      expect(schemaProblem(item)).toBeNull();
    }
    expect(JSON.stringify(items)).toContain('"image":"own/node:3"');
  });

  it.each(["application/yaml", "application/x-yaml, */*;q=0.1", "text/yaml"])(
    "are documents of YAML for %s",
    async (accept) => {
      const reply = await fetch(address("?format=kserve"), {
        headers: { accept, authorization: `Bearer ${key}` },
      });
      expect(reply.headers.get("content-type")).toBe("application/yaml; charset=utf-8");
      expect(reply.headers.get("content-disposition")).toMatch(
        /^attachment; filename="mdy-to-export-[0-9a-f]{10}\.yaml"$/,
      );
      const text = await reply.text();
      expect(text).toMatch(/^# Nodes of the deployment to-export \(kserve\)\.\n# Needs /);
      const documents = parseAllDocuments(text).map((one) => one.toJS() as unknown);
      expect(kindsOf(documents)).toEqual(["ServiceAccount", "InferenceService"]);
    },
  );

  it("can be a Rollout", async () => {
    const reply = await call(address("?format=argo-rollout"), key);
    expect(kindsOf(reply.body.items)).toContain("Rollout");
    expect(kindsOf(reply.body.items)).not.toContain("Deployment");
  });

  it.each(["?format=helm", "?namespace=No", "?image=a%20b", `?namespace=${"n".repeat(64)}`])(
    "are refused for %s, naming the member",
    async (query) => {
      const reply = await call(address(query), key);
      expect([reply.status, reply.body.code]).toEqual([422, "validation_failed"]);
    },
  );

  it("need a key", async () => {
    expect((await call(address(), undefined)).status).toBe(401);
  });
});

describe("the notes", () => {
  const ask = (more: Partial<typeof SETTINGS>) =>
    exportDeployment(workspace.as("viewer"), { deployment: "to-export" }, { ...SETTINGS, ...more });

  it("say which Secret must be there, and nothing else where all is well", async () => {
    expect((await ask({})).notes).toEqual([
      "Needs Kubernetes 1.30 or newer, and the Secret modelyard-node with NODE_TOKEN, S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY in the namespace models.",
    ]);
  });

  it("warn of an address pods do not reach, and of artifacts they cannot read", async () => {
    const { notes, yaml } = await ask({ gatewayUrl: "http://127.0.0.1:3000", store: null });
    expect(notes).toEqual([
      expect.stringContaining("with NODE_TOKEN in the namespace"),
      expect.stringMatching(/cannot register at http:\/\/127\.0\.0\.1:3000.*MODELYARD_URL/),
      expect.stringContaining("S3_BUCKET"),
    ]);
    for (const note of notes) expect(yaml).toContain(`# ${note}\n`);
    expect(yaml).not.toContain("S3_ACCESS_KEY_ID");
  });
});

it("a replica asks for and is limited to what the settings of the deployment say", async () => {
  const ctx = workspace.as("admin");
  const set = (resources: object | null) =>
    updateDeploymentSettings(ctx, { deployment: "to-export", scaling: { resources } });
  const asked = async () => {
    const { list } = await exportDeployment(ctx, { deployment: "to-export" }, SETTINGS);
    const made = list.items.find((one) => one.kind === "Deployment");
    expect(made && schemaProblem(made as Manifest)).toBeNull();
    return JSON.parse(JSON.stringify(made)).spec.template.spec.containers[0].resources;
  };
  expect(await asked()).toEqual({
    requests: { cpu: "500m", memory: "1024Mi" },
    limits: { memory: "1024Mi" },
  });
  await set({
    cpuMillis: 1500,
    cpuLimitMillis: 3000,
    memoryMib: 2048,
    memoryLimitMib: 4096,
    gpus: 2,
  });
  expect(await asked()).toEqual({
    requests: { cpu: "1500m", memory: "2048Mi", "nvidia.com/gpu": "2" },
    limits: { cpu: "3000m", memory: "4096Mi", "nvidia.com/gpu": "2" },
  });
  await set(null);
  await set({ cpuLimitMillis: 200, memoryLimitMib: 512 });
  expect(await asked()).toEqual({
    requests: { cpu: "200m", memory: "512Mi" },
    limits: { cpu: "200m", memory: "512Mi" },
  });
  await set(null);
});

it("another workspace's deployment is not found", async () => {
  const other = (await world.workspace()).as("admin");
  await expect(
    exportDeployment(other, { deployment: "to-export" }, SETTINGS),
  ).rejects.toMatchObject({
    code: "not_found",
  });
});
