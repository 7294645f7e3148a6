import { modelConfig } from "@/server/node/http/model-config";
import type { NodeContext } from "@/server/node/http/node-context";
import { serverMetadata } from "@/server/node/http/server-metadata";
import { unknownModel } from "@/server/node/models/model-store";
import { modelStatistics } from "@/server/node/stats/model-statistics";
import type { SmallRequest } from "@/server/protocols/open-inference/grpc/messages";
import { checkVersion } from "./answer-infer";

type Answer = Record<string, unknown>;

interface Small {
  /** Whether it is answered without the node's token, as over HTTP. */
  isOpen: boolean;
  answer: (context: NodeContext, asked: SmallRequest) => Answer | Promise<Answer>;
}

function known({ store }: NodeContext, { name, version }: SmallRequest): string {
  checkVersion(version);
  if (!store.isKnown(name)) throw unknownModel(name);
  return name;
}

/** The methods with one small request and one small reply, by name. */
export const SMALL_METHODS: Readonly<Record<string, Small>> = {
  ServerLive: { isOpen: true, answer: () => ({ live: true }) },
  ServerReady: { isOpen: true, answer: (context) => ({ ready: context.isReady() }) },
  ServerMetadata: { isOpen: false, answer: () => serverMetadata() },
  ModelReady: {
    isOpen: false,
    answer: (context, asked) => {
      known(context, asked);
      return { ready: true };
    },
  },
  ModelMetadata: {
    isOpen: false,
    answer: (context, asked) =>
      context.store.use(known(context, asked), ({ inputs, outputs }) => ({
        name: asked.name,
        versions: ["1"],
        platform: "onnxruntime_onnx",
        inputs,
        outputs,
      })),
  },
  ModelConfig: {
    isOpen: false,
    answer: async (context, asked) => ({
      config: await context.store.use(known(context, asked), (model) =>
        modelConfig(asked.name, model),
      ),
    }),
  },
  ModelStatistics: {
    isOpen: false,
    answer: (context, asked) => {
      const names = asked.name === "" ? context.store.names() : [known(context, asked)];
      return modelStatistics(context.store, names);
    },
  },
  RepositoryIndex: {
    isOpen: false,
    answer: ({ store }, { ready }) => ({ models: store.index(ready) }),
  },
};

/** Methods of Triton's service that a node does not have, and what they are about. */
export const UNSUPPORTED_METHODS: Readonly<Record<string, string>> = {
  RepositoryModelLoad: "loading over gRPC: POST /v2/repository/models/{name}/load",
  RepositoryModelUnload: "unloading over gRPC: POST /v2/repository/models/{name}/unload",
  SystemSharedMemoryStatus: "shared memory",
  SystemSharedMemoryRegister: "shared memory",
  SystemSharedMemoryUnregister: "shared memory",
  CudaSharedMemoryStatus: "shared memory",
  CudaSharedMemoryRegister: "shared memory",
  CudaSharedMemoryUnregister: "shared memory",
  TraceSetting: "trace settings",
  LogSettings: "log settings",
};
