import type {
  ClusterSettings,
  NodeWorkload,
} from "@/server/deployments/kubernetes/manifests/workload";
import type { DesiredScale } from "@/server/deployments/scaling/backend";

export const SETTINGS: ClusterSettings = {
  installation: "0a1b2c3d4e5f",
  namespace: "models",
  image: "registry.example/modelyard-node:1",
  gatewayUrl: "http://modelyard.modelyard:3000",
  secretName: "modelyard-node",
  store: { bucket: "artifacts", endpoint: "http://minio.store:9000", region: "eu-central-1" },
  collectorUrl: null,
  logLevel: "info",
  machineSelector: {},
  tolerations: [],
  ingress: "product",
  podMonitor: false,
};

export const REF = {
  workspaceId: "0198c0de-0000-7000-8000-00000000000a",
  deploymentId: "0198c0de-0000-7000-8000-000000000001",
};

export const workload = (more: Partial<NodeWorkload> = {}): NodeWorkload => ({
  ...REF,
  name: "Churn_v2.eu",
  environment: "production",
  replicas: 2,
  autoscaler: null,
  resources: {
    cpuMillis: null,
    cpuLimitMillis: null,
    memoryBytes: null,
    memoryLimitBytes: null,
    gpus: 0,
  },
  labels: {},
  nodeLabels: {},
  ...more,
});

export const desired = (more: Partial<DesiredScale> = {}): DesiredScale => ({
  ...REF,
  name: "churn",
  environment: "production",
  versions: [],
  replicas: 2,
  min: 2,
  max: 2,
  surge: 0,
  isAutomatic: false,
  resources: {
    cpuMillis: null,
    cpuLimitMillis: null,
    memoryBytes: null,
    memoryLimitBytes: null,
    gpus: 0,
  },
  labels: {},
  nodeSelector: {},
  ...more,
});
