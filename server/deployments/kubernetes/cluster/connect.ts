import { readFile } from "node:fs/promises";
import { fetch } from "undici";
import { EnvError } from "@/env";
import { ClusterApi, type ClusterApiOptions, type SendToCluster } from "./cluster-api";

const USER_AGENT = "modelyard";

/**
 * Connects to the cluster of a kubeconfig file, or the one this process runs in. The library is
 * loaded here and nowhere else, so that who needs no cluster does not pay for it. Throws EnvError for
 * a file that cannot be used.
 */
export async function connectToCluster(
  kubeconfig: string | undefined,
  options?: ClusterApiOptions,
): Promise<ClusterApi> {
  const { KubeConfig, RequestContext } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  if (kubeconfig) await loadFile(config, kubeconfig);
  else config.loadFromCluster();
  const server = config.getCurrentCluster()?.server;
  if (!server)
    throw new EnvError("Setting KUBECONFIG is wrong: its current context has no cluster.");
  const send: SendToCluster = async ({ method, path, query, body, contentType }, signal) => {
    const url = new URL(server.replace(/\/$/, "") + path);
    for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
    // Tokens expire: who we are is asked for each request, which the library caches.
    const context = new RequestContext(url.href, method);
    await config.applySecurityAuthentication(context);
    const dispatcher = context.getDispatcher();
    const reply = await fetch(url, {
      method,
      redirect: "error",
      signal,
      headers: {
        ...context.getHeaders(),
        accept: "application/json",
        "user-agent": USER_AGENT,
        ...(body !== undefined && { "content-type": contentType ?? "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(dispatcher && { dispatcher }),
    });
    return {
      status: reply.status,
      text: await reply.text(),
      retryAfter: reply.headers.get("retry-after"),
    };
  };
  return new ClusterApi(send, options);
}

async function loadFile(
  config: { loadFromFile: (path: string) => void },
  path: string,
): Promise<void> {
  try {
    await readFile(path);
    config.loadFromFile(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new EnvError(`Setting KUBECONFIG is wrong: ${reason}.`);
  }
}
