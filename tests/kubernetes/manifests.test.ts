import { assert, property, record, string, stringMatching, uuid } from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { argoManifests } from "@/server/deployments/kubernetes/manifests/argo-manifests";
import { kserveManifests } from "@/server/deployments/kubernetes/manifests/kserve-manifests";
import type { Manifest } from "@/server/deployments/kubernetes/manifests/manifest";
import { objectName } from "@/server/deployments/kubernetes/manifests/names";
import { nodeManifests } from "@/server/deployments/kubernetes/manifests/node-manifests";
import { writeYaml } from "@/server/deployments/kubernetes/manifests/write-yaml";
import { schemaProblem } from "./support/check-schema";
import { SETTINGS, workload } from "./support/samples";

const GPU = workload({
  replicas: null,
  autoscaler: { min: 2, max: 8, cpuPercent: 70 },
  resources: {
    cpuMillis: 2000,
    cpuLimitMillis: null,
    memoryBytes: 4 * 1024 ** 3,
    memoryLimitBytes: null,
    gpus: 1,
  },
  labels: { team: "risk", "not a label": "no" },
  nodeLabels: { zone: "eu", tier: "gold plated" },
});
const CLUSTER = {
  ...SETTINGS,
  podMonitor: true,
  ingress: "anywhere" as const,
  collectorUrl: "http://otel:4318",
  machineSelector: { pool: "gpu" },
  tolerations: [{ key: "dedicated", operator: "Equal", value: "models", effect: "NoSchedule" }],
};
const SETS = {
  plain: nodeManifests(workload(), SETTINGS),
  "gpu-autoscaled": nodeManifests(GPU, CLUSTER),
  idle: nodeManifests(workload({ replicas: 0 }), { ...SETTINGS, ingress: "unrestricted" }),
  kserve: kserveManifests(GPU, CLUSTER),
  "argo-rollout": argoManifests(GPU, CLUSTER),
};

const find = (objects: readonly Manifest[], kind: string) =>
  objects.find((one) => one.kind === kind) as
    | (Manifest & { spec: Record<string, unknown> })
    | undefined;
interface Pod {
  containers: { args: string[]; env: { name: string; value?: string; valueFrom?: unknown }[] }[];
}
function podOf(objects: readonly Manifest[]): Pod {
  const template = find(objects, "Deployment")?.spec.template as { spec: Pod } | undefined;
  if (!template) throw new Error("There is no Deployment.");
  return template.spec;
}

describe("the objects of a deployment", () => {
  it.each(Object.entries(SETS))("%s are what they were", async (name, objects) => {
    await expect(writeYaml(objects, [name])).toMatchFileSnapshot(`golden/${name}.yaml`);
  });

  it.each(Object.entries(SETS).filter(([name]) => name !== "kserve"))(
    "%s are taken by the schemas Kubernetes publishes",
    (_name, objects) => {
      for (const object of objects) expect(schemaProblem(object), object.kind).toBeNull();
    },
  );

  it("are refused by the same check when a member is misspelt or of another type", () => {
    const [deployment] = SETS.plain.filter((one) => one.kind === "Deployment");
    const spec = (deployment as { spec?: object } | undefined)?.spec;
    const misspelt = { ...deployment, spec: { ...spec, replica: 1 } } as Manifest;
    expect(schemaProblem(misspelt)).toBe('unknown field ".spec.replica"');
    const wrong = { ...deployment, spec: { ...spec, replicas: "one" } } as Manifest;
    expect(schemaProblem(wrong)).toContain("replicas");
  });

  it("never write the number of pods beside an autoscaler", () => {
    for (const objects of [SETS["gpu-autoscaled"], SETS["argo-rollout"]]) {
      expect(find(objects, "HorizontalPodAutoscaler")?.spec).toMatchObject({
        minReplicas: 2,
        maxReplicas: 8,
      });
      const target = find(objects, "Deployment") ?? find(objects, "Rollout");
      expect(target?.spec).not.toHaveProperty("replicas");
    }
    expect(find(SETS.plain, "Deployment")?.spec.replicas).toBe(2);
    expect(find(SETS.plain, "HorizontalPodAutoscaler")).toBeUndefined();
    expect(find(SETS.idle, "Deployment")?.spec.replicas).toBe(0);
  });

  it("meet the restricted Pod Security Standard", () => {
    const { containers, ...pod } = podOf(SETS.plain);
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    });
    expect(pod).not.toHaveProperty("hostNetwork");
    expect(containers).toMatchObject([
      {
        securityContext: {
          allowPrivilegeEscalation: false,
          privileged: false,
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
          capabilities: { drop: ["ALL"] },
          seccompProfile: { type: "RuntimeDefault" },
        },
      },
    ]);
  });

  it("name secrets and hold none", () => {
    const variables = podOf(SETS.plain).containers[0]?.env ?? [];
    const secret = variables.filter(({ name }) => /TOKEN|KEY/.test(name));
    expect(secret).toHaveLength(3);
    for (const { value, valueFrom } of secret) {
      expect(value).toBeUndefined();
      expect(valueFrom).toMatchObject({ secretKeyRef: { name: "modelyard-node" } });
    }
  });

  it("do not put variables in for what a user wrote", () => {
    const objects = nodeManifests(workload({ nodeLabels: { zone: "$(NODE_TOKEN)$" } }), SETTINGS);
    expect(podOf(objects).containers[0]?.args).toContain("zone=$$(NODE_TOKEN)$$");
  });
});

describe("a name", () => {
  it("is a DNS label for whatever a deployment is called, with room for its pods", () => {
    const names = record({
      workspaceId: uuid(),
      deploymentId: uuid(),
      name: stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/),
    });
    assert(
      property(names, (one) => {
        const name = objectName(one);
        expect(name).toMatch(/^[a-z]([-a-z0-9]*[a-z0-9])?$/);
        expect(name.length).toBeLessThanOrEqual(46);
        expect(objectName(one)).toBe(name);
      }),
    );
  });

  it("differs between workspaces and between deployments", () => {
    const base = workload();
    const other = "0198c0de-0000-7000-8000-0000000000ff";
    const names = [base, { ...base, workspaceId: other }, { ...base, deploymentId: other }];
    expect(new Set(names.map(objectName)).size).toBe(3);
  });
});

describe("YAML", () => {
  it("gives every text back to a reader of YAML 1.1, as kubectl is one", () => {
    assert(
      property(string({ maxLength: 40, unit: "grapheme" }), (value) => {
        const object: Manifest = { kind: "ConfigMap", metadata: { labels: { value } } };
        const text = writeYaml([object, object], ["about\nit"]);
        const read = parseAllDocuments(text, { version: "1.1" }).map(
          (one) => one.toJS() as unknown,
        );
        expect(read).toEqual([object, object]);
      }),
    );
    for (const value of ["no", "on", "y", "1e3", "0x1F", "1_000", "null", "~", "12:30:45"])
      expect(
        parseAllDocuments(writeYaml([{ kind: value }], []), { version: "1.1" })[0]?.toJS(),
      ).toEqual({ kind: value });
  });
});
