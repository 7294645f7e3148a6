import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { V1Container, V1PodSpec } from "@kubernetes/client-node";
import type { FakeApiServer } from "./fake-api-server";

/** Runs the containers of a cluster's Deployments as processes of this machine. */
export interface FakeKubelet {
  /** Starts what is missing and ends, as a cluster does, what is too many. Resolves when that ended. */
  sync(): Promise<void>;
  /** Addresses of the nodes that run for a Deployment. */
  urls(deployment: string): string[];
  close(): Promise<void>;
}

interface Pod {
  deployment: string;
  url: string;
  process: ChildProcess;
  ended: Promise<unknown>;
}

/**
 * The image is made by the script that the Dockerfile calls; `secrets` is what the Secret holds, and
 * the artifacts' folder is mounted into the home of each node.
 */
export async function startFakeKubelet(
  cluster: FakeApiServer,
  secrets: Readonly<Record<string, string>>,
  artifactsFolder: string,
): Promise<FakeKubelet> {
  const folder = await mkdtemp(join(tmpdir(), "fake-kubelet-"));
  const image = join(folder, "image");
  const home = join(folder, "home");
  await promisify(execFile)(process.execPath, ["--import", "tsx", "scripts/bundle-node.ts", image]);
  await mkdir(home);
  await symlink(artifactsFolder, join(home, "artifacts"));
  let pods: Pod[] = [];

  const start = async (deployment: string, container: V1Container): Promise<void> => {
    const port = await freePort();
    const variables = variablesOf(container, secrets);
    const args = (container.args ?? []).map((text) => expand(text, variables));
    const child = spawn(
      process.execPath,
      [join(image, "node.mjs"), ...args.map((text) => text.replace(/:8080$/, `:${port}`))],
      {
        // Nothing of ours is inherited; pods of one machine share its addresses here.
        env: {
          ...variables,
          NODE_ENV: "production",
          HOST: "127.0.0.1",
          NODE_PORT: String(port),
          MODELYARD_HOME: home,
        },
        stdio: ["ignore", "ignore", "inherit"],
      },
    );
    const ended = new Promise((resolve) => child.once("exit", resolve));
    pods.push({ deployment, url: `http://127.0.0.1:${port}`, process: child, ended });
  };
  const end = async (gone: readonly Pod[]): Promise<void> => {
    pods = pods.filter((pod) => !gone.includes(pod));
    for (const pod of gone) pod.process.kill("SIGTERM");
    await Promise.all(gone.map((pod) => pod.ended));
  };
  return {
    sync: async () => {
      const wanted = new Map(cluster.all("Deployment").map((one) => [one.name, one.plain().spec]));
      await end(pods.filter(({ deployment }) => !wanted.has(deployment)));
      for (const [name, spec] of wanted) {
        const own = pods.filter(({ deployment }) => deployment === name);
        const replicas = Number(spec?.replicas);
        await end(own.slice(replicas));
        const template = spec?.template as { spec: V1PodSpec };
        for (let count = own.length; count < replicas; count++)
          for (const container of template.spec.containers) await start(name, container);
      }
    },
    urls: (name) => pods.flatMap(({ deployment, url }) => (deployment === name ? [url] : [])),
    close: async () => {
      await end(pods);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function variablesOf({ env = [] }: V1Container, secrets: Readonly<Record<string, string>>) {
  const variables: Record<string, string> = {};
  for (const { name, value, valueFrom } of env) {
    const key = valueFrom?.secretKeyRef?.key;
    if (valueFrom?.fieldRef) variables[name] = "127.0.0.1";
    else if (key !== undefined) variables[name] = secrets[key] ?? "";
    else variables[name] = expand(value ?? "", variables);
  }
  return variables;
}

/** As Kubernetes does: $(NAME) is put in, $$ is a dollar sign. */
const expand = (text: string, variables: Readonly<Record<string, string>>): string =>
  text.replaceAll(/\$\$|\$\(([^)]+)\)/g, (all, name: string | undefined) =>
    name === undefined ? "$" : (variables[name] ?? all),
  );

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
