import { isIP, type LookupFunction } from "node:net";
import { isLoopback } from "@/server/kernel/address-ranges";
import { AppError, invalid } from "@/server/kernel/errors";
import { hostOf, type Outbound } from "@/server/kernel/outbound";
import type { NodeModel, Ports, RemoteModel } from "@/server/kernel/ports";
import type { SecretBox } from "@/server/kernel/secret-box";
import {
  createNodeClient,
  type InferAnswer,
  type InferOptions,
  type NodeClient,
} from "@/server/node/client";
import type { Tensor } from "@/server/protocols/open-inference/codec";

/** What reaching servers elsewhere needs. */
export interface RemoteAccess {
  outbound: Outbound;
  secrets: SecretBox;
}

/** Throws unavailable in processes that call nothing outside. */
export function remoteAccess({ outbound, secrets }: Ports): RemoteAccess {
  if (outbound && secrets) return { outbound, secrets };
  throw new AppError("unavailable", "This process calls nothing outside.");
}

/** Binds a sealed credential to its version, so that it opens nowhere else. */
const placeOf = (version: Pick<NodeModel, "workspaceId" | "versionId">) =>
  `external:${version.workspaceId}:${version.versionId}`;

export const sealCredential = (
  { secrets }: RemoteAccess,
  version: Pick<NodeModel, "workspaceId" | "versionId">,
  secret: string,
): Buffer => secrets.seal(placeOf(version), secret);

/** The credential in clear; null when the server wants none. */
export const openCredential = (
  { secrets }: RemoteAccess,
  version: Pick<NodeModel, "workspaceId" | "versionId">,
  { secret }: Pick<RemoteModel, "secret">,
): string | null => secret && secrets.open(placeOf(version), secret);

/** Where a remote model is and how it is asked, with its credential in clear. */
export type RemoteTarget = Omit<RemoteModel, "secret"> & { secret: string | null };

/** A model on a server elsewhere, in our names of its outputs. */
export interface RemoteCaller {
  infer: (
    tensors: readonly Tensor[],
    options?: Pick<InferOptions, "outputs" | "timeoutMs" | "traceparent" | "priority">,
  ) => Promise<InferAnswer>;
  client: NodeClient;
}

/** Opens a model on a server elsewhere. Throws validation_failed for addresses that are refused. */
export function openRemote(target: RemoteTarget, outbound: Outbound): RemoteCaller {
  const client = createNodeClient({
    url: checkedUrl(target.url, outbound),
    headers: credentialHeaders(target),
    lookup: guardedLookup(target.url, outbound),
  });
  const theirs = new Map(Object.entries(target.outputs));
  const ours = new Map([...theirs].map(([our, their]) => [their, our]));
  return {
    client,
    infer: async (tensors, { outputs, ...options } = {}) => {
      const answer = await client.infer(target.model, tensors, {
        ...options,
        outputs: outputs?.map((name) => theirs.get(name) ?? name),
        version: target.version ?? undefined,
        encoding: target.binary ? "binary" : "json",
      });
      const tensorsOfOurs = answer.tensors.map((one) => ({
        ...one,
        name: ours.get(one.name) ?? one.name,
      }));
      return { ...answer, tensors: tensorsOfOurs };
    },
  };
}

/** The base URL without what clients add. Throws validation_failed. */
export function checkedUrl(text: string, outbound: Outbound): string {
  const url = outbound.check(text);
  const host = hostOf(url);
  if (url.protocol === "http:" && isIP(host) && !isLoopback(host)) throw mustBeHttps();
  url.search = "";
  url.hash = "";
  return url.href.replace(/\/+(v2\/?)?$/, "");
}

/** Plain http is for this machine alone, whatever a name resolves to. */
function guardedLookup(text: string, outbound: Outbound): LookupFunction {
  if (!text.toLowerCase().startsWith("http:")) return outbound.lookup;
  return (hostname, options, done) => {
    outbound.lookup(hostname, options, (error, address, family) => {
      if (error) return done(error, address, family);
      const all = Array.isArray(address) ? address.map((one) => one.address) : [address];
      if (all.every(isLoopback)) done(null, address, family);
      else done(mustBeHttps() as NodeJS.ErrnoException, "");
    });
  };
}

const mustBeHttps = () =>
  invalid("This address is refused: it must begin with https://.", [
    { path: "url", message: "it must begin with https://" },
  ]);

function credentialHeaders({ credential, headerName, secret }: RemoteTarget) {
  if (secret === null || credential === "none") return {};
  if (credential === "bearer") return { authorization: `Bearer ${secret}` };
  if (credential === "basic")
    return { authorization: `Basic ${Buffer.from(secret).toString("base64")}` };
  return { [headerName ?? "x-api-key"]: secret };
}
