import { afterAll, beforeAll, expect, it } from "vitest";
import { deployVersion, getDeploymentHealth, NodePool } from "@/server/deployments";
import { connectToCluster } from "@/server/deployments/kubernetes/cluster/connect";
import { KubernetesBackend } from "@/server/deployments/kubernetes/kubernetes-backend";
import { objectName } from "@/server/deployments/kubernetes/manifests/names";
import { podWatcherOf } from "@/server/deployments/kubernetes/watch-pods";
import { followNodes } from "@/server/deployments/nodes/follow-nodes";
import {
  addVersion,
  makeModel,
  rollOutNow,
  silent,
  slopeModel,
} from "../deployments/support/deployed-world";
import { startLoad } from "../predictions/support/load";
import {
  call,
  type PredictionServer,
  startPredictionServer,
  until,
} from "../predictions/support/prediction-server";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { FakeApiServer } from "./support/fake-api-server";
import { runControllers } from "./support/fake-controllers";
import { type FakeKubelet, startFakeKubelet } from "./support/fake-kubelet";
import { desired, SETTINGS } from "./support/samples";

/** As long as the settings of a node want it. */
const TOKEN = "node-token-of-the-pods-of-these-tests";

let world: TestWorld;
let workspace: TestWorkspace;
let pool: NodePool;
let server: PredictionServer;
let cluster: Awaited<ReturnType<typeof FakeApiServer.start>>;
let kubelet: FakeKubelet;
let backend: KubernetesBackend;
let key: string;
beforeAll(async () => {
  world = await createTestWorld();
  workspace = await world.workspace();
  key = await workspace.key("ml_engineer");
  pool = new NodePool({ urls: [], token: TOKEN, objects: world.objects, log: silent }).start();
  pool.followed = followNodes(world.db, pool, silent);
  server = await startPredictionServer(world, pool);
  workspace.as("admin").ports.nodes = pool;
  cluster = await FakeApiServer.start();
  kubelet = await startFakeKubelet(cluster, { NODE_TOKEN: TOKEN }, world.artifactsFolder);
  backend = new KubernetesBackend({
    connect: () => connectToCluster(cluster.kubeconfig),
    settings: { ...SETTINGS, gatewayUrl: server.url, store: null },
    log: silent,
    autoscaler: false,
  });
}, 180_000);
afterAll(async () => {
  await kubelet.close();
  await server.close();
  await pool.close();
  await cluster.close();
  await world.close();
});

/** A deployment of a model of its own that is not yet rolled out. */
async function begin(name: string, slope: number) {
  const ctx = workspace.as("admin");
  const model = await makeModel(ctx);
  const versionId = await addVersion(ctx, model.id, slopeModel(slope));
  const place = { environment: "production" as const, minReplicas: 2 };
  const { deploymentId } = await deployVersion(ctx, { model: model.id, versionId, name, ...place });
  const scale = (replicas: number) =>
    desired({ workspaceId: workspace.id, deploymentId, name, replicas });
  return { deploymentId, versionId, scale, objects: objectName(scale(0)) };
}
const ask = (name: string) =>
  call(`${server.url}/api/v1/deployments/${name}/predict`, key, { input: { a: 3, b: 1 } });
const usable = (urls: readonly string[]) =>
  urls.every((url) => pool.members.some((one) => one.url === url && one.isUsable));
const versionsOn = async (url: string) =>
  ((await pool.modelsOn(url)) ?? []).map(({ versionId }) => versionId);

it("pods register, hold their own deployment's versions alone, answer, and leave without a failed request", async () => {
  const [one, two] = [await begin("one", 2), await begin("two", 5)];
  await backend.apply(one.scale(2));
  await backend.apply(two.scale(1));
  await kubelet.sync();
  const [ofOne, ofTwo] = [kubelet.urls(one.objects), kubelet.urls(two.objects)];
  expect([ofOne.length, ofTwo.length]).toEqual([2, 1]);
  await until(() => usable([...ofOne, ...ofTwo]));
  for (const { deploymentId } of [one, two]) await rollOutNow(world, workspace, deploymentId);
  runControllers(cluster);
  workspace.as("admin").ports.pods = podWatcherOf(backend);
  const health = await getDeploymentHealth(workspace.as("viewer"), { deployment: "one" });
  expect(health.pods).toEqual({ replicas: 2, ready: 2, message: null });
  cluster.failNext(100, { status: 403, message: "deployments.apps is forbidden" });
  const blind = await getDeploymentHealth(workspace.as("viewer"), { deployment: "one" });
  expect(blind.pods?.message).toMatch(
    /^Kubernetes does not allow it: deployments.apps is forbidden/,
  );
  cluster.recover();
  expect((await ask("one")).body).toMatchObject({ predictions: [7] });
  expect((await ask("two")).body).toMatchObject({ predictions: [16] });
  for (const url of ofOne) expect(await versionsOn(url)).toEqual([one.versionId]);
  for (const url of ofTwo) expect(await versionsOn(url)).toEqual([two.versionId]);

  const body = { input: { a: 3, b: 1 } };
  const url = `${server.url}/api/v1/deployments/one/predict`;
  const load = startLoad({ url, key, clients: 2, body });
  await backend.apply(one.scale(1));
  await kubelet.sync();
  await until(() => pool.members.filter(({ isUsable }) => isUsable).length === 2);
  await backend.apply(one.scale(2));
  await kubelet.sync();
  await until(() => usable(kubelet.urls(one.objects)));
  const answers = await load.stop();
  expect(answers.length).toBeGreaterThan(10);
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);

  const last = kubelet.urls(one.objects);
  await backend.remove(one.scale(0));
  await kubelet.sync();
  await until(() => last.every((gone) => !usable([gone])));
  expect((await ask("one")).status).toBe(503);
  expect((await ask("two")).status).toBe(200);
}, 240_000);
