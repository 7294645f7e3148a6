import type { GrpcOptions } from "./call";
import { startGrpc } from "./server";
import type { RunningGrpc } from "./service";

/** Where Triton and KServe answer, too. */
const DEFAULT_PORT = 8081;

/**
 * Starts the gRPC face where the setting wants it. Without a setting it takes the usual port when
 * that is free, since a second installation on a machine must start as well. Throws when a port that
 * was asked for is taken.
 */
export async function openGrpc(
  options: GrpcOptions & { host: string; wanted: number | "off" | undefined },
): Promise<RunningGrpc | undefined> {
  const { runtime, gateway, host, wanted } = options;
  if (wanted === "off") return undefined;
  try {
    const running = await startGrpc({ runtime, gateway, host, port: wanted ?? DEFAULT_PORT });
    runtime.log.info({ port: running.port }, "gRPC is ready");
    return running;
  } catch (error) {
    if (wanted !== undefined) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    runtime.log.warn({ reason }, "gRPC is off: its port is taken, set GRPC_PORT to another");
    return undefined;
  }
}
