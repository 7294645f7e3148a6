import { modelConfig, modelMetadata, serverMetadata } from "../model/describe-model";
import { findModel, type ModelName } from "../model/find-model";
import { repositoryIndex } from "../model/repository-index";
import { authenticate, type GrpcExchange } from "./call";
import type { SmallRequest } from "./messages";

type Answer = Record<string, unknown>;
type Small = (exchange: GrpcExchange, asked: SmallRequest) => Answer | Promise<Answer>;

const nameOf = ({ name, version }: SmallRequest): ModelName => ({
  name,
  version: version || undefined,
});

async function locate(exchange: GrpcExchange, asked: SmallRequest) {
  const { workspaceId } = await authenticate(exchange, "deployments:read");
  return findModel(exchange.gateway, workspaceId, nameOf(asked));
}

async function statistics(exchange: GrpcExchange, asked: SmallRequest): Promise<Answer> {
  const { gateway } = exchange;
  const { workspaceId } = await authenticate(exchange, "deployments:read");
  const counters = gateway.statistics;
  if (asked.name !== "") {
    const route = await findModel(gateway, workspaceId, nameOf(asked));
    return { model_stats: counters.entries(route, asked.version || undefined) };
  }
  const routes = gateway.table.routes().filter((one) => one.workspaceId === workspaceId);
  return { model_stats: routes.flatMap((route) => counters.entries(route, undefined)) };
}

/**
 * The methods with one small request and one small reply, by name; the messages are named after
 * them. Those of the server itself need no credentials, as their counterparts over HTTP.
 */
export const SMALL_METHODS: Readonly<Record<string, Small>> = {
  ServerLive: () => ({ live: true }),
  ServerReady: ({ gateway }) => ({ ready: gateway.isReady }),
  ServerMetadata: () => serverMetadata(),
  ModelReady: async (exchange, asked) => {
    await locate(exchange, asked);
    return { ready: exchange.gateway.isReady };
  },
  ModelMetadata: async (exchange, asked) => ({
    ...modelMetadata(await locate(exchange, asked), nameOf(asked)),
  }),
  ModelConfig: async (exchange, asked) => ({
    config: modelConfig(await locate(exchange, asked), nameOf(asked)),
  }),
  ModelStatistics: statistics,
  RepositoryIndex: async (exchange, asked) => {
    const principal = await authenticate(exchange, "deployments:read");
    const ctx = exchange.runtime.contextOf(principal, exchange.requestId);
    return { models: await repositoryIndex(exchange.gateway, ctx, asked.ready) };
  },
};

/** Methods of Triton's service that a gateway does not have, and what they are about. */
export const UNSUPPORTED_METHODS: Readonly<Record<string, string>> = {
  RepositoryModelLoad: "loading by this protocol: deploy a version to change what is served",
  RepositoryModelUnload: "unloading by this protocol: delete the deployment",
  SystemSharedMemoryStatus: "shared memory",
  SystemSharedMemoryRegister: "shared memory",
  SystemSharedMemoryUnregister: "shared memory",
  CudaSharedMemoryStatus: "shared memory",
  CudaSharedMemoryRegister: "shared memory",
  CudaSharedMemoryUnregister: "shared memory",
  TraceSetting: "trace settings by this protocol",
  LogSettings: "log settings by this protocol",
};
