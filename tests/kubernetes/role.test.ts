import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { connectToCluster } from "@/server/deployments/kubernetes/cluster/connect";
import { KubernetesBackend } from "@/server/deployments/kubernetes/kubernetes-backend";
import { FakeApiServer } from "./support/fake-api-server";
import { runControllers } from "./support/fake-controllers";
import { desired, REF, SETTINGS } from "./support/samples";

let cluster: Awaited<ReturnType<typeof FakeApiServer.start>>;
beforeAll(async () => {
  cluster = await FakeApiServer.start();
});
afterAll(() => cluster.close());

interface Role {
  kind: string;
  rules: { apiGroups: string[]; resources: string[]; verbs: string[] }[];
}

/** `verb group/resource`, as rules grant and as requests need. */
async function granted(): Promise<string[]> {
  const text = await readFile("deploy/kubernetes/role.yaml", "utf8");
  const documents = parseAllDocuments(text).map((one) => one.toJS() as Role);
  const role = documents.find(({ kind }) => kind === "Role");
  return (role?.rules ?? []).flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => verbs.map((verb) => `${verb} ${group}/${resource}`)),
    ),
  );
}

function neededBy(request: string): string[] {
  const parts = /^(\w+) \/apis?\/(?:([^/]+)\/)?v\d\w*\/namespaces\/[^/]+\/(\w+)(\/[^?]+)?/.exec(
    request,
  );
  const [, method, group = "", resource, name] = parts ?? [];
  // An object that is not there is made by applying it, which asks for both.
  const verbs = method === "PATCH" ? ["patch", "create"] : [name ? method?.toLowerCase() : "list"];
  return verbs.map((verb) => `${verb} ${group}/${resource}`);
}

it("the role grants what the worker asks for, and nothing else", async () => {
  const backend = new KubernetesBackend({
    connect: () => connectToCluster(cluster.kubeconfig),
    settings: { ...SETTINGS, podMonitor: true },
    log: { info: () => undefined, warn: () => undefined } as never,
    autoscaler: true,
  });
  await backend.apply(desired({ min: 1, max: 4, replicas: 4 }));
  runControllers(cluster, { ready: 0 });
  await backend.status(REF);
  await backend.settle([desired()]);
  await backend.remove(REF);
  const needed = new Set(cluster.requests.flatMap(neededBy));
  expect([...needed].sort()).toEqual([...new Set(await granted())].sort());
});
