import type { Pool } from "pg";
import { type DeploymentSettings, deploymentSettings, replicasOf } from "@/server/deployments";
import type { Log } from "@/server/kernel/log";
import type { NodeModel, RemoteModel } from "@/server/kernel/ports";
import { queueIdOf } from "@/server/node/models/queue-id";
import {
  type CompiledSignature,
  compileSignature,
  type Signature,
  signatureSchema,
} from "@/server/protocols/open-inference/codec";
import { formatOf } from "@/server/registry";
import { queueConfig } from "./queue-config";

/** A version that takes traffic, prepared for the way there and back. */
export interface Variant {
  route: Route;
  id: string;
  name: string;
  /** stable, candidate or shadow. */
  role: string;
  /** Percent of the deployment's traffic. */
  weight: number;
  versionNumber: number;
  model: NodeModel;
  /** Nodes that should hold the version; 0 while its deployment is idle. */
  replicas: number;
  /** Percent of the deployment's replicas those are; null where each variant has all of them. */
  replicaShare: number | null;
  signature: Signature;
  codec: CompiledSignature;
  batching: DeploymentSettings["batching"];
  /** The constant part of every reply, ready to be joined. */
  replyMiddle: string;
  /** Which variant answered: name, value, name, value. */
  replyHeaders: readonly string[];
}

/** Where the requests of one deployment go. */
export interface Route {
  workspaceId: string;
  deploymentId: string;
  name: string;
  modelId: string;
  modelName: string;
  isProduction: boolean;
  updatedAtMs: number;
  settings: DeploymentSettings;
  /** In lower case, as the name of a header is in a request. */
  unitHeader: string;
  /** Oldest first, never empty; weights add up to 100. */
  variants: Variant[];
  /** Get copies of requests and answer nobody. */
  shadows: Variant[];
}

interface Row {
  workspace_id: string;
  deployment_id: string;
  deployment_name: string;
  environment: string;
  model_id: string;
  model_name: string;
  deployment_updated_at: Date;
  /** 0 while the deployment is idle. */
  replicas: number;
  replica_share: number | null;
  variant_id: string;
  variant_name: string;
  weight: number;
  version_id: string;
  version_number: number;
  signature: unknown;
  signature_revision: number;
  /** Empty where the version runs elsewhere. */
  artifact_path: string;
  artifact_sha256: string;
  artifact_size_bytes: string;
  settings: unknown;
  role: string;
  batching: unknown;
  /** Where the version runs when that is elsewhere. */
  remote: Omit<RemoteModel, "secret"> | null;
  remote_secret: Buffer | null;
}

interface Compiled {
  signature: Signature;
  codec: CompiledSignature;
}

/** All live deployments of all workspaces, in memory. Rebuilt as a whole, swapped at once. */
export class RoutingTable {
  private byDeployment = new Map<string, Route>();
  private byModel = new Map<string, Route>();
  /** By version and revision of its signature, which stay as they are; null cannot be prepared. */
  private compiled = new Map<string, Compiled | null>();
  private running: Promise<void> | undefined;
  private again: Promise<void> | undefined;
  loadedAtMs = 0;

  constructor(
    private readonly pool: Pool,
    private readonly log: Pick<Log, "error">,
  ) {}

  /** Every version that takes traffic or copies of it. */
  variants(): Variant[] {
    return this.routes().flatMap(allVariants);
  }

  /** Every deployment that answers, the one changed last at the end. */
  routes(): Route[] {
    return [...new Set(this.byDeployment.values())];
  }

  /** `ref` is an id or a name. */
  deployment(workspaceId: string, ref: string): Route | undefined {
    return (
      this.byDeployment.get(`${workspaceId}/${ref}`) ??
      this.byDeployment.get(`${workspaceId}/${ref.toLowerCase()}`)
    );
  }

  /** The production deployment of a model, the one changed last where there are several. */
  productionOf(workspaceId: string, model: string): Route | undefined {
    return this.byModel.get(`${workspaceId}/${model.normalize("NFKC").toLowerCase()}`);
  }

  /** Reads the table again. A call made while a read runs waits for one that began after it. */
  refresh(): Promise<void> {
    if (!this.running) {
      this.running = this.load().finally(() => {
        this.running = undefined;
      });
      return this.running;
    }
    this.again ??= this.running
      .catch(() => undefined)
      .then(() => {
        this.again = undefined;
        return this.refresh();
      });
    return this.again;
  }

  private async load(): Promise<void> {
    const { rows } = await this.pool.query<Row>({
      name: "routing_table",
      text: "select * from routing_table()",
    });
    const compiled = new Map<string, Compiled | null>();
    const routes = new Map<string, Route>();
    for (const row of rows) {
      const key = `${row.version_id}/${row.signature_revision}`;
      const made = this.compiled.get(key) ?? compiled.get(key);
      const ready = made === undefined ? this.compile(row) : made;
      compiled.set(key, ready);
      if (ready) addVariant(routes, row, ready);
    }
    this.compiled = compiled;
    for (const route of routes.values()) keepApart(route);
    this.index(routes);
    this.loadedAtMs = Date.now();
  }

  private compile(row: Row): Compiled | null {
    const parsed = signatureSchema.safeParse(row.signature);
    if (parsed.success) {
      return { signature: parsed.data, codec: compileSignature(parsed.data) };
    }
    this.log.error({ versionId: row.version_id }, "a deployed version has an unusable signature");
    return null;
  }

  private index(routes: Map<string, Route>): void {
    const byDeployment = new Map<string, Route>();
    const byModel = new Map<string, Route>();
    const oldestFirst = [...routes.values()]
      .filter((route) => route.variants.length > 0)
      .sort((a, b) => a.updatedAtMs - b.updatedAtMs);
    for (const route of oldestFirst) {
      byDeployment.set(`${route.workspaceId}/${route.deploymentId}`, route);
      byDeployment.set(`${route.workspaceId}/${route.name}`, route);
      if (!route.isProduction) continue;
      byModel.set(`${route.workspaceId}/${route.modelId}`, route);
      byModel.set(`${route.workspaceId}/${route.modelName.toLowerCase()}`, route);
    }
    this.byDeployment = byDeployment;
    this.byModel = byModel;
  }
}

/** A candidate that gets replica by replica has them at the other end of the stable one's nodes. */
function keepApart({ variants }: Route): void {
  const candidate = variants.find((one) => one.role === "candidate" && one.replicaShare !== null);
  const [stable] = variants.filter((one) => one !== candidate).sort((a, b) => b.weight - a.weight);
  if (candidate && stable) candidate.model.opposite = stable.model.versionId;
}

const allVariants = ({ variants, shadows }: Route): Variant[] => [...variants, ...shadows];

/** What cannot be read any more must not take a deployment down: it answers with the defaults. */
const settingsOf = (row: Row): DeploymentSettings =>
  deploymentSettings.safeParse(row.settings).data ?? deploymentSettings.parse({});

function addVariant(routes: Map<string, Route>, row: Row, ready: Compiled): void {
  const key = `${row.workspace_id}/${row.deployment_id}`;
  const route = routes.get(key) ?? newRoute(row);
  routes.set(key, route);
  const list = row.role === "shadow" ? route.shadows : route.variants;
  if (list.some((one) => one.id === row.variant_id)) return;
  list.push(variantOf(row, ready, route));
  // Ids sort by time: what depends on the order of variants is the same in every process.
  list.sort((a, b) => (a.id < b.id ? -1 : 1));
}

function newRoute(row: Row): Route {
  const settings = settingsOf(row);
  return {
    workspaceId: row.workspace_id,
    deploymentId: row.deployment_id,
    name: row.deployment_name,
    modelId: row.model_id,
    modelName: row.model_name,
    isProduction: row.environment === "production",
    updatedAtMs: row.deployment_updated_at.getTime(),
    settings,
    unitHeader: settings.routing.unitHeader.toLowerCase(),
    variants: [],
    shadows: [],
  };
}

function variantOf(row: Row, ready: Compiled, route: Route): Variant {
  const batching =
    deploymentSettings.shape.batching.safeParse(row.batching).data ?? route.settings.batching;
  return { ...partsOf(row, ready, route), batching, model: modelOf(row, ready, route, batching) };
}

/** Deployments of one version may queue differently: each request names its queue. */
function modelOf(
  row: Row,
  { signature }: Compiled,
  route: Route,
  batching: Variant["batching"],
): NodeModel {
  const config = queueConfig(batching);
  return {
    workspaceId: row.workspace_id,
    versionId: row.version_id,
    sha256: row.artifact_sha256,
    sizeBytes: Number(row.artifact_size_bytes),
    format: formatOf(row.artifact_path),
    signature,
    selector: route.settings.placement.nodeSelector,
    deploymentId: route.deploymentId,
    batching: config,
    queue: queueIdOf(JSON.stringify(config)),
    ...(row.remote ? { remote: { ...row.remote, secret: row.remote_secret } } : {}),
  };
}

const partsOf = (row: Row, ready: Compiled, route: Route): Omit<Variant, "batching" | "model"> => ({
  route,
  id: row.variant_id,
  name: row.variant_name,
  role: row.role,
  weight: row.weight,
  versionNumber: row.version_number,
  replicas: replicasOf(row.replicas, row.replica_share),
  replicaShare: row.replica_share,
  ...ready,
  replyMiddle: `,"modelVersion":${row.version_number},"deploymentId":"${row.deployment_id}","requestId":"`,
  replyHeaders: [
    "x-modelyard-variant",
    headerText(row.variant_name),
    "x-modelyard-version",
    String(row.version_number),
  ],
});

/** Names may hold what a header may not. */
const headerText = (name: string): string =>
  /^[\x20-\x7e]*$/.test(name) ? name : encodeURIComponent(name);
