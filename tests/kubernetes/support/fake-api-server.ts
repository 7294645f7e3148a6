import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text as readText } from "node:stream/consumers";
import { stringify } from "yaml";
import { schemaProblem } from "./check-schema";
import { selfSigned } from "./self-signed";
import { Conflicts, StoredObject } from "./stored-object";

const RESOURCES: Record<string, { kind: string; apiVersion: string }> = {
  deployments: { kind: "Deployment", apiVersion: "apps/v1" },
  horizontalpodautoscalers: { kind: "HorizontalPodAutoscaler", apiVersion: "autoscaling/v2" },
  networkpolicies: { kind: "NetworkPolicy", apiVersion: "networking.k8s.io/v1" },
  poddisruptionbudgets: { kind: "PodDisruptionBudget", apiVersion: "policy/v1" },
  podmonitors: { kind: "PodMonitor", apiVersion: "monitoring.coreos.com/v1" },
  pods: { kind: "Pod", apiVersion: "v1" },
  serviceaccounts: { kind: "ServiceAccount", apiVersion: "v1" },
  services: { kind: "Service", apiVersion: "v1" },
};

/** A refusal in the API server's own form. */
class Refusal extends Error {
  constructor(
    readonly code: number,
    readonly reason: string,
    message: string,
    readonly details: object = {},
    readonly retryAfter?: number,
  ) {
    super(message);
  }
}

type Fault = "hang up" | "never answer" | Refusal;

interface Target {
  plural: string;
  kind: string;
  apiVersion: string;
  namespace: string;
  name: string | undefined;
}

/** An API server with one namespace, on a real socket with a certificate of its own authority. */
export class FakeApiServer {
  readonly objects = new Map<string, StoredObject>();
  readonly requests: string[] = [];
  /** What the caller may not do, as `patch deployments`. */
  readonly forbidden = new Set<string>();
  hasPodMonitors = true;
  token = randomBytes(16).toString("hex");
  private readonly faults: Fault[] = [];

  private constructor(
    readonly namespace: string,
    private readonly folder: string,
  ) {}

  static async start(namespace = "models"): Promise<FakeApiServer & { close(): Promise<void> }> {
    const fake = new FakeApiServer(namespace, await mkdtemp(join(tmpdir(), "fake-cluster-")));
    const { certificate, key } = selfSigned();
    const server = createServer({ cert: certificate, key }, (request, response) => {
      void fake.answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await fake.writeKubeconfig(`https://127.0.0.1:${port}`, certificate);
    const close = async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(fake.folder, { recursive: true, force: true });
    };
    return Object.assign(fake, { close });
  }

  get kubeconfig(): string {
    return join(this.folder, "kubeconfig");
  }

  private async writeKubeconfig(server: string, certificate: string): Promise<void> {
    const authority = Buffer.from(certificate).toString("base64");
    const config = {
      apiVersion: "v1",
      kind: "Config",
      "current-context": "fake",
      clusters: [{ name: "fake", cluster: { server, "certificate-authority-data": authority } }],
      users: [{ name: "fake", user: { token: this.token } }],
      contexts: [{ name: "fake", context: { cluster: "fake", user: "fake" } }],
    };
    await writeFile(this.kubeconfig, stringify(config, { lineWidth: 0 }));
  }

  /** The next requests meet with this instead of an answer. */
  failNext(
    times: number,
    fault: "hang up" | "never answer" | { status: number; message?: string; retryAfter?: number },
  ): void {
    const made =
      typeof fault === "string"
        ? fault
        : new Refusal(fault.status, "", fault.message ?? "trouble", {}, fault.retryAfter);
    for (let count = 0; count < times; count++) this.faults.push(made);
  }

  /** What it still was to meet requests with is over. */
  recover(): void {
    this.faults.length = 0;
  }

  /** Its kubeconfig gets the authority of another cluster. */
  async mixUp(other: FakeApiServer): Promise<void> {
    const authority = /certificate-authority-data: .*\n(?: {4,}.*\n)*/;
    const [own, theirs] = await Promise.all(
      [this, other].map((one) => readFile(one.kubeconfig, "utf8")),
    );
    const line = authority.exec(theirs ?? "")?.[0] ?? "";
    await writeFile(this.kubeconfig, (own ?? "").replace(authority, line));
  }

  find(kind: string, name?: string): StoredObject | undefined {
    return this.all(kind).find((one) => name === undefined || one.name === name);
  }

  all(kind: string): StoredObject[] {
    return [...this.objects.values()].filter((one) => one.kind === kind);
  }

  /** Somebody else makes an object. */
  put(object: StoredObject): StoredObject {
    this.objects.set(`${object.kind}/${object.name}`, object);
    return object;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const fault = this.faults.shift();
    if (fault === "hang up") return void request.socket.destroy();
    if (fault === "never answer") return;
    const url = new URL(request.url ?? "/", "https://fake");
    this.requests.push(`${request.method} ${url.pathname}${url.search}`);
    try {
      const body = await readText(request);
      if (fault) throw fault;
      if (request.headers.authorization !== `Bearer ${this.token}`)
        throw new Refusal(401, "Unauthorized", "Unauthorized");
      send(response, 200, this.route(request, url, body));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { code, reason, message, details, retryAfter } = error;
      if (retryAfter !== undefined) response.setHeader("retry-after", retryAfter);
      const status = { kind: "Status", apiVersion: "v1", status: "Failure" };
      send(response, code, { ...status, message, reason, details, code });
    }
  }

  private route(request: IncomingMessage, url: URL, body: string): unknown {
    const target = this.targetOf(url.pathname);
    const { name, plural } = target;
    const verb = { GET: name ? "get" : "list", PATCH: "patch", DELETE: "delete" }[
      request.method ?? ""
    ];
    if (!verb) throw new Refusal(405, "MethodNotAllowed", "the server does not allow this method");
    this.authorize(verb, target);
    if (verb === "list") return this.list(target, url.searchParams.get("labelSelector") ?? "");
    if (verb === "patch") return this.apply(target, url.searchParams, request, body);
    const found = this.objects.get(`${target.kind}/${name}`);
    if (!found) throw new Refusal(404, "NotFound", `${plural} "${name}" not found`);
    if (verb === "get") return found.shown();
    const { preconditions } = JSON.parse(body || "{}") as { preconditions?: { uid?: string } };
    if (preconditions?.uid && preconditions.uid !== found.uid)
      throw new Refusal(409, "Conflict", "the UID in the precondition does not match");
    this.delete(found);
    return { kind: "Status", apiVersion: "v1", status: "Success" };
  }

  private targetOf(path: string): Target {
    const parts =
      /^\/(?:api|apis)\/((?:[^/]+\/)?v[^/]+)\/namespaces\/([^/]+)\/([a-z]+)(?:\/([^/]+))?$/.exec(
        path,
      );
    const [, apiVersion = "", namespace = "", plural = "", name] = parts ?? [];
    const resource = RESOURCES[plural];
    const isKnown =
      resource?.apiVersion === apiVersion && (plural !== "podmonitors" || this.hasPodMonitors);
    if (!resource || !isKnown)
      throw new Refusal(404, "NotFound", "the server could not find the requested resource");
    return { plural, ...resource, namespace, name };
  }

  private authorize(verb: string, { plural, apiVersion, namespace, name }: Target): void {
    if (this.forbidden.has(`${verb} ${plural}`)) {
      const group = apiVersion.split("/").at(-2) ?? "";
      throw new Refusal(
        403,
        "Forbidden",
        `${plural}.${group} "${name ?? ""}" is forbidden: User "system:serviceaccount:modelyard:modelyard" cannot ${verb} resource "${plural}" in API group "${group}" in the namespace "${namespace}"`,
      );
    }
    if (namespace !== this.namespace && verb === "patch")
      throw new Refusal(404, "NotFound", `namespaces "${namespace}" not found`);
  }

  private list({ kind, apiVersion, namespace }: Target, selector: string) {
    const wanted = selector.split(",").filter(Boolean);
    const items = this.all(kind).filter(
      (one) =>
        one.namespace === namespace &&
        wanted.every((pair) => one.labels[pair.split("=")[0] ?? ""] === pair.split("=")[1]),
    );
    return {
      kind: `${kind}List`,
      apiVersion,
      metadata: {},
      items: items.map((one) => one.shown()),
    };
  }

  private apply(target: Target, query: URLSearchParams, request: IncomingMessage, body: string) {
    const { kind, apiVersion, namespace, name = "" } = target;
    if (request.headers["content-type"] !== "application/apply-patch+yaml")
      throw new Refusal(
        415,
        "UnsupportedMediaType",
        "the body of the request was in an unknown format",
      );
    const manager = query.get("fieldManager");
    if (!manager) throw new Refusal(400, "BadRequest", "fieldManager is required for apply patch");
    const config = JSON.parse(body) as {
      kind?: string;
      apiVersion?: string;
      metadata?: { name?: string };
    };
    if (config.kind !== kind || config.apiVersion !== apiVersion || config.metadata?.name !== name)
      throw new Refusal(400, "BadRequest", "the object does not belong at this address");
    const before = this.objects.get(`${kind}/${name}`);
    const after = before?.copy() ?? new StoredObject(apiVersion, kind, namespace, name);
    try {
      after.apply(config, manager, query.get("force") === "true");
    } catch (error) {
      if (!(error instanceof Conflicts)) throw error;
      throw new Refusal(409, "Conflict", error.message, { causes: error.causes });
    }
    this.admit(after, before);
    if (query.get("dryRun") !== "All") this.put(after);
    return after.shown();
  }

  private admit(after: StoredObject, before: StoredObject | undefined): void {
    const problem = schemaProblem(after.plain());
    if (problem?.startsWith("unknown field"))
      throw new Refusal(400, "BadRequest", `strict decoding error: ${problem}`);
    if (problem)
      throw new Refusal(422, "Invalid", `${after.kind} "${after.name}" is invalid: ${problem}`);
    const selector = (one: StoredObject) => JSON.stringify(one.plain().spec?.selector);
    if (before?.kind === "Deployment" && selector(before) !== selector(after))
      throw new Refusal(
        422,
        "Invalid",
        `${after.kind} "${after.name}" is invalid: spec.selector: field is immutable`,
      );
  }

  /** With everything that belongs to it. */
  private delete(object: StoredObject): void {
    this.objects.delete(`${object.kind}/${object.name}`);
    if (object.kind !== "Deployment") return;
    for (const pod of this.all("Pod"))
      if (pod.name.startsWith(`${object.name}-`)) this.objects.delete(`Pod/${pod.name}`);
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
