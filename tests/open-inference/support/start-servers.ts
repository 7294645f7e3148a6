import pino from "pino";
import { startGrpc } from "@/server/protocols/open-inference/grpc/server";
import type { DeployedWorld } from "../../deployments/support/deployed-world";
import {
  type PredictionServer,
  startPredictionServer,
} from "../../predictions/support/prediction-server";
import { GrpcClient } from "./grpc-client";

export interface BothServers extends PredictionServer {
  grpc: GrpcClient;
  grpcPort: number;
  /** What was logged as our own fault. */
  faults: unknown[];
}

/** The product's HTTP and gRPC faces over one gateway, on real sockets. */
export async function startBoth(world: DeployedWorld): Promise<BothServers> {
  const server = await startPredictionServer(world, world.nodes);
  const faults: unknown[] = [];
  const log = pino({ level: "error" }, { write: (line: string) => faults.push(JSON.parse(line)) });
  const running = await startGrpc({
    runtime: { ...server.runtime, log },
    gateway: server.gateway,
    host: "127.0.0.1",
    port: 0,
  });
  const grpc = new GrpcClient(running.port);
  return {
    ...server,
    grpc,
    grpcPort: running.port,
    faults,
    close: async () => {
      grpc.close();
      await running.close();
      await server.close();
    },
  };
}
