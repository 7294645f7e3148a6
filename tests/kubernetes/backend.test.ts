import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { connectToCluster } from "@/server/deployments/kubernetes/cluster/connect";
import { KubernetesBackend } from "@/server/deployments/kubernetes/kubernetes-backend";
import { objectName } from "@/server/deployments/kubernetes/manifests/names";
import type { ClusterSettings } from "@/server/deployments/kubernetes/manifests/workload";
import type { DesiredScale } from "@/server/deployments/scaling/backend";
import { FakeApiServer } from "./support/fake-api-server";
import { autoscale, runControllers } from "./support/fake-controllers";
import { desired, REF, SETTINGS } from "./support/samples";
import { StoredObject } from "./support/stored-object";

let cluster: Awaited<ReturnType<typeof FakeApiServer.start>>;
let warnings: object[];
let clock: number;
beforeEach(async () => {
  cluster = await FakeApiServer.start();
  warnings = [];
  clock = 0;
});
afterEach(() => cluster.close());

/** A backend as a process that just started has it. */
const open = (more: Partial<ClusterSettings> = {}, autoscaler = false) =>
  new KubernetesBackend({
    connect: () => connectToCluster(cluster.kubeconfig, { backoffMs: 1, timeoutMs: 20_000 }),
    settings: { ...SETTINGS, ...more },
    log: { info: () => undefined, warn: (fields: object) => void warnings.push(fields) } as never,
    autoscaler,
    now: () => clock,
  });

const NAME = objectName(desired());
const replicas = () => cluster.find("Deployment", NAME)?.plain().spec?.replicas;
const deployments = () => cluster.all("Deployment").length;
const kinds = () => [...cluster.objects.values()].map(({ kind }) => kind).sort();
const MADE = ["Deployment", "NetworkPolicy", "PodDisruptionBudget", "Service", "ServiceAccount"];
const later = () => {
  clock += 61_000;
};

describe("a deployment", () => {
  it("gets its objects, is told as ready once they are, and leaves nothing", async () => {
    const backend = open();
    expect(await backend.status(REF)).toBeNull();
    await backend.apply(desired());
    expect(kinds()).toEqual(MADE);
    expect(await backend.status(REF)).toEqual({
      replicas: 2,
      ready: 0,
      message: "Kubernetes has not yet looked at the newest change.",
    });
    runControllers(cluster, { ready: 1 });
    expect(await backend.status(REF)).toEqual({
      replicas: 2,
      ready: 1,
      message: "1 of 2 replicas are ready.",
    });
    runControllers(cluster);
    expect(await backend.status(REF)).toEqual({ replicas: 2, ready: 2, message: null });
    await backend.remove(REF);
    expect([...cluster.objects.keys()]).toEqual([]);
    expect(await backend.status(REF)).toBeNull();
    await backend.remove(REF);
  });

  it("is scaled, down to none and up again", async () => {
    const backend = open();
    for (const wanted of [2, 5, 0, 1]) {
      await backend.apply(desired({ replicas: wanted, min: wanted, max: wanted }));
      expect(replicas()).toBe(wanted);
    }
    expect(cluster.find("Deployment")?.ownersOf(".spec.replicas")).toEqual(["modelyard"]);
  });

  it("is not asked about again while nothing changed and nobody could have changed it", async () => {
    const backend = open();
    await backend.apply(desired());
    const before = cluster.requests.length;
    await backend.apply(desired());
    expect(cluster.requests).toHaveLength(before);
    cluster.objects.clear();
    later();
    await backend.apply(desired());
    expect(kinds()).toEqual(MADE);
  });

  it("changes its image without touching the number of pods", async () => {
    await open().apply(desired());
    await open({ image: "registry.example/modelyard-node:2" }).apply(desired());
    const { spec } = cluster.find("Deployment", NAME)?.plain() ?? {};
    expect(spec).toMatchObject({
      replicas: 2,
      template: { spec: { containers: [{ image: "registry.example/modelyard-node:2" }] } },
    });
    expect(cluster.find("Deployment")?.generation).toBe(2);
  });

  it("of the same name in another workspace has objects of its own", async () => {
    const backend = open();
    const other = {
      workspaceId: "0198c0de-0000-7000-8000-0000000000bb",
      deploymentId: "0198c0de-0000-7000-8000-0000000000b1",
    };
    await backend.apply(desired());
    await backend.apply(desired({ ...other, replicas: 3 }));
    expect(cluster.all("Deployment").map((one) => one.plain().spec?.replicas)).toEqual([2, 3]);
    runControllers(cluster);
    expect(await backend.status(other)).toMatchObject({ replicas: 3, ready: 3 });
    await backend.remove(REF);
    expect(kinds()).toEqual([...MADE, "Pod", "Pod", "Pod"].sort());
    expect(await backend.status(other)).toMatchObject({ ready: 3 });
  });

  it("that went while no process looked is cleaned up, and another installation's is left", async () => {
    await open().apply(desired());
    const neighbor = { installation: "ffffffffffff" };
    const theirs = desired({ deploymentId: "0198c0de-0000-7000-8000-0000000000c1" });
    await open(neighbor).apply(theirs);
    const mine = desired({ deploymentId: "0198c0de-0000-7000-8000-0000000000c2" });
    const backend = open();
    await backend.apply(mine);
    await backend.settle([mine]);
    const left = cluster.all("Deployment").map(({ name }) => name);
    expect(left.sort()).toEqual([objectName(theirs), objectName(mine)].sort());
  });

  it("is cleaned up later where the cluster cannot be asked now, and nothing else waits for that", async () => {
    await open().apply(desired());
    const backend = open();
    cluster.failNext(100, { status: 503 });
    await backend.settle([]);
    expect(deployments()).toBe(1);
    cluster.recover();
    later();
    await backend.settle([]);
    expect(deployments()).toBe(0);
  });
});

describe("the number of pods", () => {
  const bounds: Partial<DesiredScale> = { min: 2, max: 8, replicas: 8 };

  it("is the cluster autoscaler's where the setting says so, whatever is applied afterwards", async () => {
    const backend = open({}, true);
    await backend.apply(desired(bounds));
    expect(kinds()).toContain("HorizontalPodAutoscaler");
    autoscale(cluster, NAME, 5);
    later();
    await backend.apply(desired(bounds));
    await open({ image: "registry.example/modelyard-node:2" }, true).apply(desired(bounds));
    expect(replicas()).toBe(5);
    expect(warnings).toEqual([]);
  });

  it("is larger while a roll-out moves replica by replica, and what it was afterwards", async () => {
    const backend = open();
    await backend.apply(desired({ surge: 1 }));
    expect(replicas()).toBe(3);
    await backend.apply(desired());
    expect(replicas()).toBe(2);
  });

  it("stays what it is when an autoscaler takes over, and is ours again when that goes", async () => {
    const backend = open({}, true);
    await backend.apply(desired({ replicas: 4, min: 4, max: 4 }));
    await backend.apply(desired(bounds));
    expect(replicas()).toBe(4);
    expect(cluster.find("Deployment")?.ownersOf(".spec.replicas")).not.toContain("modelyard");
    await backend.apply(desired({ replicas: 3, min: 3, max: 3 }));
    expect(kinds()).toEqual(MADE);
    expect(replicas()).toBe(3);
  });

  it("is left to an autoscaler that somebody else made", async () => {
    const backend = open();
    await backend.apply(desired());
    const theirs = new StoredObject(
      "autoscaling/v2",
      "HorizontalPodAutoscaler",
      "models",
      "keda-hpa",
    );
    theirs.update(
      { spec: { scaleTargetRef: { kind: "Deployment", name: NAME } } },
      "keda-operator",
    );
    cluster.put(theirs);
    later();
    await backend.apply(desired());
    autoscale(cluster, NAME, 7);
    later();
    await backend.apply(desired({ replicas: 3 }));
    expect(replicas()).toBe(7);
    await backend.remove(REF);
    expect([...cluster.objects.keys()]).toEqual(["HorizontalPodAutoscaler/keda-hpa"]);
  });

  it("is not woken by an autoscaler while the deployment is idle", async () => {
    const backend = open({}, true);
    await backend.apply(desired(bounds));
    await backend.apply(desired({ ...bounds, replicas: 0 }));
    expect(replicas()).toBe(0);
    expect(kinds()).toEqual(MADE);
  });
});

describe("beside other managers", () => {
  it("takes its own fields back, says whose they were, and leaves theirs", async () => {
    await open().apply(desired());
    const deployment = cluster.find("Deployment", NAME);
    deployment?.update(
      { spec: { replicas: 9 }, metadata: { annotations: { note: "mine" } } },
      "kubectl-edit",
    );
    await open().apply(desired());
    expect(replicas()).toBe(2);
    expect(cluster.find("Deployment", NAME)?.plain().metadata?.annotations).toMatchObject({
      note: "mine",
    });
    expect(warnings).toEqual([
      {
        object: `Deployment/${NAME}`,
        conflicts: [{ field: ".spec.replicas", manager: "kubectl-edit" }],
      },
    ]);
  });

  it("leaves a stranger's object of the same name alone and says so", async () => {
    const theirs = new StoredObject("v1", "Service", "models", NAME);
    theirs.update({ spec: { clusterIP: "10.0.0.1" } }, "kubectl-create");
    cluster.put(theirs);
    await expect(open().apply(desired())).rejects.toMatchObject({
      code: "unavailable",
      message: `The namespace has a Service ${NAME} that Modelyard did not make: rename or remove it.`,
    });
    expect(cluster.find("Service")?.plain().spec).toEqual({ clusterIP: "10.0.0.1" });
  });

  it("does not delete what took the place of an object it saw", async () => {
    const backend = open();
    await backend.apply(desired());
    const listed = cluster.find("Service", NAME);
    const shown = listed?.shown();
    if (listed)
      listed.shown = () => ({
        ...shown,
        metadata: { ...(shown?.metadata as object), uid: "of-before" },
      });
    await backend.remove(REF);
    expect(kinds()).toEqual(["Service"]);
  });
});
