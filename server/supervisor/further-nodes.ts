import type { ChildProcess } from "node:child_process";
import { z } from "zod";
import { LOCAL_NODE_KINDS, type LocalNodeKind } from "@/server/deployments/constants";
import type { Log } from "@/server/kernel/log";
import { freePort } from "./free-port";
import { SupervisedProcess } from "./role-process";

/** A node that is asked to end has this long for the requests it has, milliseconds. */
const STOP_MS = 15_000;

/** What the worker says; see server/deployments/scaling/local-nodes.ts. */
const nodesMessage = z.object({
  type: z.literal("nodes"),
  kind: z.enum(LOCAL_NODE_KINDS),
  count: z.int().min(0),
  stop: z.array(z.string()),
});

interface FurtherNode {
  process: SupervisedProcess;
  /** Where it answers; unknown until it said so. */
  url: string | undefined;
}

/**
 * Nodes of a kind beside the first one, as many as the worker asks for and no more than allowed. One that dies
 * is started again, at its address where that is free.
 */
export class FurtherNodes {
  private readonly nodes = new Set<FurtherNode>();
  private names = 1;
  private stopping = false;

  constructor(
    private readonly options: {
      kind: LocalNodeKind;
      /** Of its processes, in the log. */
      name: string;
      max: number;
      /** Starts a node process at a port and resolves when it is ready. */
      spawn: (port: number) => Promise<ChildProcess>;
      log: Log;
    },
  ) {}

  /** Takes a message of the worker; anything else is left alone. */
  hear(message: unknown): void {
    const said = nodesMessage.safeParse(message);
    if (!said.success || said.data.kind !== this.options.kind || this.stopping) return;
    const { count, stop } = said.data;
    for (const node of this.nodes) {
      if (node.url !== undefined && stop.includes(node.url)) void this.end(node);
    }
    while (this.nodes.size < Math.min(count, this.options.max)) this.begin();
  }

  /** From now on their end is wanted. */
  expectEnd(): void {
    this.stopping = true;
    for (const { process } of this.nodes) process.expectEnd();
  }

  async stop(graceMs: number): Promise<void> {
    this.stopping = true;
    await Promise.all([...this.nodes].map(({ process }) => process.stop(graceMs)));
  }

  private begin(): void {
    const { log, spawn } = this.options;
    const name = `${this.options.name} ${++this.names}`;
    let port = 0;
    const node: FurtherNode = {
      url: undefined,
      process: new SupervisedProcess(
        name,
        async () => {
          // A node that comes back at its address is the same node to everybody.
          port = await freePort(port);
          const child = await spawn(port);
          node.url = `http://127.0.0.1:${port}`;
          return child;
        },
        log,
      ),
    };
    this.nodes.add(node);
    node.process.start().catch((error: unknown) => {
      log.error({ process: name, err: error }, `${name} does not start`);
      this.nodes.delete(node);
    });
  }

  /** It keeps its place until it ended, so that never more than allowed run. */
  private async end(node: FurtherNode): Promise<void> {
    node.url = undefined;
    await node.process.stop(STOP_MS);
    this.nodes.delete(node);
  }
}
