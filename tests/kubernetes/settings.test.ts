import { describe, expect, it } from "vitest";
import { EnvError, parseEnv } from "@/env";
import { clusterSettings } from "@/server/deployments/kubernetes/cluster-settings";

const PODS = {
  SCALING_BACKEND: "kubernetes",
  KUBERNETES_NODE_IMAGE: "modelyard-node:1",
  MODELYARD_URL: "http://modelyard:3000",
  S3_BUCKET: "artifacts",
  S3_ACCESS_KEY_ID: "id",
  S3_SECRET_ACCESS_KEY: "secret",
  KUBECONFIG: "/etc/kubeconfig",
};
const settings = (more: Record<string, string | undefined> = {}) =>
  clusterSettings(parseEnv({ ...PODS, ...more }));

describe("the settings of pods", () => {
  it("are read whole", () => {
    expect(
      settings({
        KUBERNETES_NAMESPACE: "models",
        KUBERNETES_NODE_SELECTOR: "pool=gpu, zone=a",
        KUBERNETES_TOLERATIONS: "dedicated=models:NoSchedule,spot:NoExecute",
        KUBERNETES_POD_MONITOR: "true",
      }),
    ).toMatchObject({
      namespace: "models",
      image: "modelyard-node:1",
      gatewayUrl: "http://modelyard:3000",
      store: { bucket: "artifacts", endpoint: null, region: "us-east-1" },
      machineSelector: { pool: "gpu", zone: "a" },
      tolerations: [
        { key: "dedicated", operator: "Equal", value: "models", effect: "NoSchedule" },
        { key: "spot", operator: "Exists", effect: "NoExecute" },
      ],
      ingress: "product",
      podMonitor: true,
    });
  });

  it("name installations apart by their address", () => {
    expect(settings().installation).toBe(settings().installation);
    expect(settings().installation).not.toBe(
      settings({ MODELYARD_URL: "http://other:3000" }).installation,
    );
  });

  it.each(["KUBERNETES_NODE_IMAGE", "MODELYARD_URL", "S3_BUCKET", "KUBECONFIG"])(
    "stop the start with one line where %s is missing",
    (name) => {
      const line = expect.stringMatching(
        new RegExp(`^Setting SCALING_BACKEND=kubernetes needs ${name}[^\\n]*$`),
      );
      expect(() => settings({ [name]: undefined })).toThrow(
        expect.objectContaining({ name: "EnvError", message: line }),
      );
    },
  );

  it("need no kubeconfig inside the cluster", () => {
    const inside = { KUBECONFIG: undefined, KUBERNETES_SERVICE_HOST: "10.0.0.1" };
    expect(settings(inside).namespace).toBe("default");
  });

  it.each([
    ["KUBERNETES_NODE_SELECTOR", "pool"],
    ["KUBERNETES_NODE_SELECTOR", "a=b=c"],
    ["KUBERNETES_TOLERATIONS", "dedicated"],
    ["KUBERNETES_TOLERATIONS", "dedicated:Sometimes"],
    ["KUBERNETES_TOLERATIONS", "=x:NoSchedule"],
    ["KUBERNETES_NAMESPACE", "No Name"],
    ["KUBERNETES_NODE_INGRESS", "friends"],
  ])("refuse %s=%s in one line that names it", (name, value) => {
    expect(() => settings({ [name]: value })).toThrow(EnvError);
    expect(() => settings({ [name]: value })).toThrow(new RegExp(`^Setting ${name} is wrong: `));
  });
});
