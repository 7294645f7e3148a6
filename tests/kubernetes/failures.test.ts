import { execFileSync } from "node:child_process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { connectToCluster } from "@/server/deployments/kubernetes/cluster/connect";
import { KubernetesBackend } from "@/server/deployments/kubernetes/kubernetes-backend";
import type { ClusterSettings } from "@/server/deployments/kubernetes/manifests/workload";
import { until } from "../predictions/support/prediction-server";
import { FakeApiServer } from "./support/fake-api-server";
import { runControllers } from "./support/fake-controllers";
import { desired, REF, SETTINGS } from "./support/samples";

let cluster: Awaited<ReturnType<typeof FakeApiServer.start>>;
let clock: number;
beforeEach(async () => {
  cluster = await FakeApiServer.start();
  clock = 0;
});
afterEach(() => cluster.close());

const open = (
  more: Partial<ClusterSettings> = {},
  kubeconfig = cluster.kubeconfig,
  timeoutMs = 20_000,
) =>
  new KubernetesBackend({
    connect: () => connectToCluster(kubeconfig, { backoffMs: 1, timeoutMs }),
    settings: { ...SETTINGS, ...more },
    log: { info: () => undefined, warn: () => undefined } as never,
    autoscaler: false,
    now: () => clock,
  });
const deployments = () => cluster.all("Deployment").length;
const unavailable = (message: unknown) => ({ code: "unavailable", message });

describe("an API server in trouble", () => {
  it.each([
    ["hangs up", "hang up"],
    ["answers 500", { status: 500 }],
    ["answers 503", { status: 503 }],
    ["asks to wait", { status: 429, retryAfter: 0 }],
  ] as const)(
    "that %s a few times is asked again, and the deployment is made",
    async (_what, fault) => {
      cluster.failNext(3, fault);
      await open().apply(desired());
      expect(deployments()).toBe(1);
    },
  );

  it("that does not answer is not waited for longer than a call may take", async () => {
    cluster.failNext(1, "never answer");
    await open({}, cluster.kubeconfig, 2_000).apply(desired());
    expect(deployments()).toBe(1);
  });

  it("that stays away is told in words, left alone for a while, and then asked again", async () => {
    const backend = open();
    cluster.failNext(1_000, { status: 503, message: "etcd is not there" });
    const said = unavailable(
      "The Kubernetes API server has trouble of its own: etcd is not there.",
    );
    await expect(backend.apply(desired())).rejects.toMatchObject(said);
    // Seven kinds are listed side by side, each four times.
    await until(() => cluster.requests.length === 28);
    await expect(backend.status(REF)).rejects.toMatchObject(said);
    expect(cluster.requests).toHaveLength(28);
    cluster.recover();
    clock += 11_000;
    await backend.apply(desired());
    expect(deployments()).toBe(1);
  });

  it("that asks for a long wait is not asked again within it", async () => {
    cluster.failNext(1_000, { status: 429, retryAfter: 60 });
    await expect(open().status(REF)).rejects.toMatchObject(
      unavailable("The Kubernetes API server asks to be called less often."),
    );
    expect(cluster.requests).toHaveLength(1);
  });

  it("that ends in the middle leaves what the next turn completes", async () => {
    const backend = open();
    cluster.forbidden.add("patch deployments");
    await expect(backend.apply(desired())).rejects.toMatchObject({ code: "unavailable" });
    expect(deployments()).toBe(0);
    cluster.forbidden.clear();
    await backend.apply(desired());
    expect(deployments()).toBe(1);
  });
});

describe("a refusal is told in words a person can act on", () => {
  it("credentials that are not known any more", async () => {
    cluster.token = "another";
    await expect(open().apply(desired())).rejects.toMatchObject(
      unavailable(expect.stringContaining("does not know Modelyard's credentials any more")),
    );
    expect(cluster.requests.length).toBeLessThan(10);
  });

  it("rights that are missing, with whose and which", async () => {
    cluster.forbidden.add("patch deployments");
    await expect(open().apply(desired())).rejects.toMatchObject(
      unavailable(
        expect.stringMatching(
          /^Kubernetes does not allow it: .*"system:serviceaccount:modelyard:modelyard" cannot patch resource "deployments".*deploy\/kubernetes\/role\.yaml\.$/,
        ),
      ),
    );
  });

  it("a namespace that is not there", async () => {
    await expect(open({ namespace: "nowhere" }).apply(desired())).rejects.toMatchObject(
      unavailable(
        'namespaces "nowhere" not found: make the namespace, or set KUBERNETES_NAMESPACE.',
      ),
    );
  });

  it("objects that are not valid", async () => {
    const tolerations = [{ key: "a", effect: 7 as never }];
    await expect(open({ tolerations }).apply(desired())).rejects.toMatchObject(
      unavailable(expect.stringMatching(/^Kubernetes refuses the objects: .*tolerations/)),
    );
  });

  it("a cluster without the Prometheus operator", async () => {
    cluster.hasPodMonitors = false;
    await open().apply(desired());
    clock += 61_000;
    await expect(open({ podMonitor: true }).apply(desired())).rejects.toMatchObject(
      unavailable(expect.stringContaining("the Prometheus operator for KUBERNETES_POD_MONITOR")),
    );
  });

  it("a kubeconfig that is not there, and one whose authority is another", async () => {
    await expect(open({}, "/nowhere/kubeconfig").status(REF)).rejects.toMatchObject(
      unavailable(expect.stringMatching(/^Setting KUBECONFIG is wrong: .*\/nowhere\/kubeconfig/)),
    );
    const other = await FakeApiServer.start();
    await cluster.mixUp(other);
    await expect(open().status(REF)).rejects.toMatchObject(
      unavailable(
        expect.stringMatching(/^The Kubernetes API server cannot be reached: .*certificate/),
      ),
    );
    await other.close();
  });
});

describe("pods that do not come are explained", () => {
  const waiting = (reason: string, message = "") => ({
    containerStatuses: [{ ready: false, state: { waiting: { reason, message } } }],
  });
  it.each([
    [
      "an image that cannot be pulled",
      waiting("ImagePullBackOff"),
      /image of the node cannot be pulled/,
    ],
    ["a program that ends again and again", waiting("CrashLoopBackOff"), /ends again and again/],
    [
      "a Secret that is missing",
      waiting("CreateContainerConfigError"),
      /Secret of the nodes is missing/,
    ],
    [
      "what only the kubelet knows",
      waiting("RunContainerError", "no runc"),
      /RunContainerError: no runc/,
    ],
    [
      "machines that are full",
      {
        conditions: [
          {
            type: "PodScheduled",
            status: "False",
            reason: "Unschedulable",
            message: "0/3 nodes: gpu",
          },
        ],
      },
      /no machine fits it \(0\/3 nodes: gpu\)/,
    ],
    [
      "a container that is being made",
      waiting("ContainerCreating"),
      /^1 of 2 replicas are ready\.$/,
    ],
  ])("%s", async (_what, podStatus, message) => {
    const backend = open();
    await backend.apply(desired());
    runControllers(cluster, { ready: 1, podStatus });
    expect(await backend.status(REF)).toEqual({
      replicas: 2,
      ready: 1,
      message: expect.stringMatching(message),
    });
  });

  it("pods that the namespace refuses, and those that took too long", async () => {
    const backend = open();
    await backend.apply(desired());
    const quota = { type: "ReplicaFailure", status: "True", message: "exceeded quota: team" };
    runControllers(cluster, { ready: 0, conditions: [quota] });
    expect((await backend.status(REF))?.message).toBe(
      "Kubernetes cannot make the pods: exceeded quota: team",
    );
    const late = { type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded" };
    runControllers(cluster, { ready: 0, conditions: [late] });
    expect((await backend.status(REF))?.message).toBe(
      "2 of 2 replicas did not become ready within ten minutes.",
    );
  });
});

it("the cluster's client is loaded where a cluster is connected to, and nowhere else", () => {
  const users = execFileSync(
    "git",
    [
      "grep",
      "-hE",
      '^import [^t].*@kubernetes/|import\\("@kubernetes/',
      "--",
      "server",
      "app",
      "components",
    ],
    { encoding: "utf8" },
  );
  expect(users.trim().split("\n")).toEqual([
    expect.stringContaining('await import("@kubernetes/client-node")'),
  ]);
});
