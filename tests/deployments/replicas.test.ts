import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { NodePool } from "@/server/deployments";
import { newId } from "@/server/kernel/ids";
import { NodeRejected } from "@/server/node/client";
import { until } from "../predictions/support/prediction-server";
import { silent } from "./support/deployed-world";

type Behavior = "well" | "broken" | "full" | "mute" | "picky";

/** A server that speaks the protocol and fails as it is told. */
interface FlakyNode {
  url: string;
  behavior: Behavior;
  asked: number;
  bodies: Buffer[];
  server: Server;
}

const open: { close: () => unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function flakyNode(behavior: Behavior = "well"): Promise<FlakyNode> {
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      if (!request.url?.endsWith("/infer")) return response.end("{}");
      node.asked++;
      node.bodies.push(Buffer.concat(pieces));
      if (node.behavior === "mute") return;
      if (node.behavior === "broken") response.statusCode = 500;
      if (node.behavior === "full") response.statusCode = 503;
      if (node.behavior === "picky") response.statusCode = 400;
      response.end(
        '{"model_name":"m","outputs":[{"name":"prediction","datatype":"FP64","shape":[1],"data":[1]}]}',
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const node: FlakyNode = {
    url: `http://127.0.0.1:${port}`,
    behavior,
    asked: 0,
    bodies: [],
    server,
  };
  open.push({
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  });
  return node;
}

/** A pool over fake nodes, all of which may answer for the model. */
function poolOver(nodes: FlakyNode[]) {
  const objects = { access: () => Promise.reject(new Error("nothing is loaded here")) };
  const pool = new NodePool({ urls: nodes.map(({ url }) => url), objects, log: silent });
  open.unshift(pool);
  const model = {
    workspaceId: newId(),
    versionId: newId(),
    sha256: "",
    sizeBytes: 0,
    signature: {},
  };
  type Options = Parameters<NodePool["infer"]>[4];
  return {
    pool,
    infer: (options?: Options) => pool.infer(model, nodes.length, [], undefined, options),
  };
}

const outcomes = async (count: number, call: () => Promise<unknown>) => {
  const list: string[] = [];
  for (let i = 0; i < count; i++) {
    list.push(
      await call().then(
        () => "answered",
        (error: { code?: string; message: string }) => error.code ?? error.message,
      ),
    );
  }
  return list;
};

const only = (list: string[]) => [...new Set(list)];

describe("retries", () => {
  it("ask another replica, so that a broken one fails no request", async () => {
    const nodes = [await flakyNode("broken"), await flakyNode()];
    const { infer } = poolOver(nodes);
    expect(only(await outcomes(50, () => infer({ balance: "round_robin" })))).toEqual(["answered"]);
  });

  it("stop at the number that is set, and at the budget", async () => {
    const nodes = [await flakyNode("broken"), await flakyNode("broken"), await flakyNode("broken")];
    const asked = () => nodes.reduce((sum, node) => sum + node.asked, 0);
    const one = poolOver(nodes);
    await outcomes(1, () => one.infer({ retries: 2 }));
    expect(asked()).toBe(3);
    const none = poolOver(nodes);
    await outcomes(1, () => none.infer({ retries: 2, retryBudget: 0 }));
    expect(asked()).toBe(4);
    await outcomes(1, () => none.infer({ retries: 0 }));
    expect(asked()).toBe(5);
  });

  it("are for what no model answered: not for refused inputs, nor for the only full queue", async () => {
    const [picky, full, free] = [
      await flakyNode("picky"),
      await flakyNode("full"),
      await flakyNode(),
    ];
    await expect(poolOver([picky]).infer({ retries: 3 })).rejects.toBeInstanceOf(NodeRejected);
    expect(picky.asked).toBe(1);
    expect(await outcomes(1, () => poolOver([full]).infer({ retries: 3 }))).toEqual([
      "unavailable",
    ]);
    expect(full.asked).toBe(1);
    expect(only(await outcomes(6, poolOver([full, free]).infer))).toEqual(["answered"]);
  });

  it("end with the time the request has", async () => {
    const { infer } = poolOver([await flakyNode("mute"), await flakyNode("mute")]);
    const startedMs = performance.now();
    await expect(infer({ timeoutMs: 200, retries: 5 })).rejects.toMatchObject({
      code: "unavailable",
    });
    expect(performance.now() - startedMs).toBeGreaterThan(195);
  });
});

describe("breakers", () => {
  it("keep requests from a replica that fails, and let it back once it is well", async () => {
    const [sick, well] = [await flakyNode("broken"), await flakyNode()];
    const { infer } = poolOver([sick, well]);
    const ask = () => infer({ balance: "round_robin", retries: 0 });
    await outcomes(20, ask);
    // Five failures in a row are enough; a slow machine may see it tried again.
    expect(sick.asked).toBeGreaterThanOrEqual(5);
    expect(sick.asked).toBeLessThan(9);
    sick.behavior = "well";
    await until(async () => (await outcomes(4, ask)) && sick.asked > 10);
    expect(only(await outcomes(20, ask))).toEqual(["answered"]);
  });

  it("answer at once while every replica fails, and try again by themselves", async () => {
    const sick = await flakyNode("broken");
    const { infer } = poolOver([sick]);
    const list = await outcomes(50, () => infer({ retries: 0 }));
    expect(only(list)).toEqual(["unavailable"]);
    expect(sick.asked).toBeLessThan(25);
    sick.behavior = "well";
    await until(async () => (await outcomes(1, () => infer({ retries: 0 })))[0] === "answered");
  });

  it("leave at most half of the replicas out", async () => {
    const nodes = [
      await flakyNode("broken"),
      await flakyNode("broken"),
      await flakyNode("broken"),
      await flakyNode(),
    ];
    const { infer } = poolOver(nodes);
    const ask = () => infer({ balance: "round_robin", retries: 0 });
    await outcomes(40, ask);
    await sleep(20);
    const before = nodes.map(({ asked }) => asked);
    const list = await outcomes(20, ask);
    const grown = nodes.filter((node, at) => node.asked > (before[at] ?? 0));
    expect(grown.length).toBeGreaterThanOrEqual(2);
    expect(list.filter((one) => one === "answered").length).toBeGreaterThanOrEqual(5);
  });
});

describe("what is asked", () => {
  it("carries the priority of the request", async () => {
    const node = await flakyNode();
    await poolOver([node]).infer({ priority: 1 });
    expect(node.bodies[0]?.toString("latin1")).toContain('"priority":1');
  });

  it("is spread evenly by turns and by load", async () => {
    const nodes = [await flakyNode(), await flakyNode(), await flakyNode()];
    const { infer } = poolOver(nodes);
    await outcomes(30, () => infer({ balance: "round_robin" }));
    expect(nodes.map(({ asked }) => asked)).toEqual([10, 10, 10]);
    await Promise.all(Array.from({ length: 300 }, () => infer({ balance: "power_of_two" })));
    for (const { asked } of nodes) expect(asked).toBeGreaterThan(10 + 40);
  });
});
