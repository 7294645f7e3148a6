import { Metadata, status } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DeploymentSettings } from "@/server/deployments";
import { encodeInferRequest } from "@/server/protocols/open-inference/codec";
import {
  createDeployedWorld,
  type DeployedWorld,
  deployModel,
  slopeModel,
  TOKEN,
} from "../deployments/support/deployed-world";
import { slowModel } from "../node/support/sample-models";
import { until } from "../predictions/support/prediction-server";
import { setSettings } from "../predictions/support/variants";
import { asOwner } from "../support/database";
import type { TestWorkspace } from "../support/workspace";
import { encode } from "./support/protos";
import { type BothServers, startBoth } from "./support/start-servers";

const WIDTH = 256;
const ROWS = 32;
const columns = Array.from({ length: WIDTH }, (_, at) => `x${at}`);
const values = new Float32Array(ROWS * WIDTH).fill(0.5);
const shape = [ROWS, WIDTH];
const tensor = { name: "input", datatype: "FP32" as const, shape, data: values };
const rows = Array.from({ length: ROWS }, () => Object.fromEntries(columns.map((x) => [x, 0.5])));

let world: DeployedWorld;
let server: BothServers;
let a: TestWorkspace;
let key: string;
let deploymentId: string;
beforeAll(async () => {
  world = await createDeployedWorld();
  a = await world.workspace();
  key = await a.key("data_scientist");
  ({ deploymentId } = await deployModel(world, a, "slow", {
    onnx: slowModel(WIDTH, 32, "prediction"),
    signature: {
      ...slopeModel(1).signature,
      features: columns.map((name) => ({ name, type: "number" as const, nullable: false })),
      inputs: [{ name: "input", datatype: "FP32", shape: [-1, WIDTH], columns }],
      outputs: [{ name: "prediction", datatype: "FP32", shape: [-1, WIDTH] }],
    },
  }));
  server = await startBoth(world);
});
afterAll(async () => {
  await server.close();
  await world.close();
});

/** Has the node queue as these settings say; resolves when it was told. */
async function queueAs(batching: Partial<DeploymentSettings["batching"]>): Promise<void> {
  await setSettings(world, deploymentId, { batching: { mode: "off", ...batching } });
  await until(() => {
    const [variant] = server.gateway.table.variants();
    const isKnown = Object.entries(batching).every(
      ([name, value]) => variant?.batching[name as keyof typeof variant.batching] === value,
    );
    return isKnown && variant && world.nodes.members[0]?.isConfigured(variant.model);
  });
}

interface Refusal {
  isAnswered: boolean;
  isUnavailable: boolean;
  retryAfter: number;
}

interface Asked {
  told: Promise<Refusal>;
  leave: () => void;
}

function overHttp(path: string, init: { body: string | Uint8Array; headers?: object }): Asked {
  const controller = new AbortController();
  const told = fetch(`${server.url}${path}`, {
    method: "POST",
    body: init.body as BodyInit,
    signal: controller.signal,
    headers: { authorization: `Bearer ${key}`, ...init.headers },
  }).then(async (reply) => {
    await reply.arrayBuffer();
    return {
      isAnswered: reply.status === 200,
      isUnavailable: reply.status === 503,
      retryAfter: Number(reply.headers.get("retry-after")),
    };
  });
  return { told, leave: () => controller.abort() };
}

const byName = (): Asked =>
  overHttp("/api/v1/deployments/slow/predict", {
    body: JSON.stringify({ inputs: rows }),
    headers: { "content-type": "application/json" },
  });

const overV2 = (): Asked => {
  const { body, headerLength } = encodeInferRequest({ inputs: [tensor] }, "binary");
  const headers = { "inference-header-content-length": String(headerLength) };
  return overHttp("/v2/models/slow/infer", { body, headers });
};

const message = encode("ModelInferRequest", {
  model_name: "slow",
  inputs: [{ name: "input", datatype: "FP32", shape }],
  raw_input_contents: [Buffer.from(values.buffer)],
});

const asIs = (bytes: Buffer): Buffer => bytes;

const overGrpc = (): Asked => {
  const metadata = new Metadata();
  metadata.set("authorization", `Bearer ${key}`);
  const call = server.grpc.client.makeUnaryRequest(
    "/inference.GRPCInferenceService/ModelInfer",
    asIs,
    asIs,
    message,
    metadata,
    () => undefined,
  );
  const told = new Promise<Refusal>((resolve) => {
    call.on("status", ({ code, metadata: trailer }) =>
      resolve({
        isAnswered: code === status.OK,
        isUnavailable: code === status.UNAVAILABLE,
        retryAfter: Number(trailer.get("retry-after")[0]),
      }),
    );
  });
  return { told, leave: () => call.cancel() };
};

const LANES: [string, () => Asked][] = [
  ["by feature name", byName],
  ["V2 over REST", overV2],
  ["V2 over gRPC", overGrpc],
];

/** Asks more at once than the queue or its patience takes, until somebody is refused. */
async function refusedOf(ask: () => Asked): Promise<Refusal> {
  return until(async () => {
    const all = await Promise.all(Array.from({ length: 24 }, () => ask().told));
    expect(all.every((one) => one.isAnswered || one.isUnavailable)).toBe(true);
    return all.find((one) => one.isUnavailable);
  }, 60_000);
}

const canceled = async (): Promise<number> => {
  const reply = await fetch(`${world.node.url}/metrics`, {
    headers: { "x-modelyard-node-token": TOKEN },
  });
  const text = await reply.text();
  return Number(/failure\{[^}]*reason="CANCELED"\} (\d+)/.exec(text)?.[1] ?? 0);
};

const statusesOf = async (): Promise<number[]> => {
  await server.gateway.logs.flush();
  const found = await asOwner<{ status: number }>(
    world.db.ownerUrl,
    "select distinct status from prediction_logs where deployment_id = $1 order by 1",
    [deploymentId],
  );
  return found.map((one) => one.status);
};

describe.each(LANES)("%s", (_lane, ask) => {
  it("is answered 503 with a time to come back while the model's queue is full", async () => {
    await queueAs({ maxQueueSize: 1 });
    expect((await refusedOf(ask)).retryAfter).toBeGreaterThan(0);
  }, 90_000);

  it("is answered 503 after its time in the queue", async () => {
    await queueAs({ maxQueueSize: 1_000, queueTimeoutMs: 1 });
    expect((await refusedOf(ask)).retryAfter).toBeGreaterThan(0);
  }, 90_000);

  it("takes the work of callers who leave off the node, and counts it against nobody", async () => {
    await queueAs({ maxQueueSize: 1_000, queueTimeoutMs: 60_000 });
    const before = await canceled();
    await until(async () => {
      const asked = Array.from({ length: 16 }, ask);
      let isOver = false;
      const ended = Promise.allSettled(asked.map((one) => one.told)).then(() => {
        isOver = true;
      });
      await until(() => world.node.load().queued > 4 || isOver);
      for (const one of asked) one.leave();
      await ended;
      await until(() => world.node.load().inFlight === 0);
      return (await canceled()) > before;
    }, 60_000);
    expect(world.nodes.members[0]?.isUsable).toBe(true);
    expect((await ask().told).isAnswered).toBe(true);
    expect(await statusesOf()).toContain(499);
  }, 120_000);
});

it("tells its own log of no fault of ours", () => {
  expect(server.faults).toEqual([]);
});
