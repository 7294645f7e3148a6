import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { scaleDeployment } from "@/server/deployments";
import { drainNode, resumeNode } from "@/server/deployments/nodes/drain-node";
import { listNodes } from "@/server/deployments/nodes/list-nodes";
import { removeNode } from "@/server/deployments/nodes/remove-node";
import { startLoad } from "../predictions/support/load";
import { until } from "../predictions/support/prediction-server";
import { asOwner } from "../support/database";
import {
  closeNodesWorld,
  createNodesWorld,
  deployOn,
  endNodes,
  heldOn,
  type NodesWorld,
  nodeAt,
  startNode,
} from "./support/registered-nodes";

let made: NodesWorld;
beforeAll(async () => {
  made = await createNodesWorld();
});
afterEach(() => endNodes(made));
afterAll(() => closeNodesWorld(made));
const body = { input: { a: 2, b: 1 } };

describe("scaling by hand", () => {
  it("loads new replicas before they answer, gives surplus ones up, and fails no request", async () => {
    const started = [await startNode(made), await startNode(made)];
    const url = await deployOn(made, "scaled");
    const ctx = made.first.as("operator");
    const holders = async () => {
      const lists = await Promise.all(started.map(({ id }) => heldOn(made, id)));
      const mine = lists.map((list) =>
        list.some(({ deployments }) => deployments.some(({ name }) => name === "scaled")),
      );
      return mine.filter(Boolean).length;
    };
    expect(await holders()).toBe(1);
    const load = startLoad({ url, key: made.key, clients: 4, body });
    const up = await scaleDeployment(ctx, { deployment: "scaled", replicas: 2 });
    expect(up).toMatchObject({ minReplicas: 2, maxReplicas: 2 });
    await until(async () => (await holders()) === 2);
    await scaleDeployment(ctx, { deployment: "scaled", replicas: 1 });
    await until(async () => (await holders()) === 1);
    const answers = await load.stop();
    expect(answers.filter((one) => one.status !== 200)).toEqual([]);
    const trail = await asOwner<{ action: string }>(
      made.world.db.ownerUrl,
      "select action from audit_log where subject_id = $1 and action = 'deployment.scaled'",
      [up.id],
    );
    expect(trail).toHaveLength(2);
  }, 180_000);

  it("is for who deploys, in the deployment's workspace, within limits", async () => {
    await startNode(made);
    await deployOn(made, "guarded-scale");
    const to = (replicas: number) => ({ deployment: "guarded-scale", replicas });
    const fails = (ctx: Parameters<typeof scaleDeployment>[0], replicas: number) =>
      scaleDeployment(ctx, to(replicas)).catch((error: { code?: string; name: string }) => {
        return error.code ?? error.name;
      });
    expect(await fails(made.first.as("viewer"), 2)).toBe("forbidden");
    expect(await fails(made.later.as("admin"), 2)).toBe("not_found");
    expect(await fails(made.first.as("operator"), 0)).toBe("ZodError");
    expect(await fails(made.first.as("operator"), 101)).toBe("ZodError");
  });
});

describe("running the nodes", () => {
  it("is for administrators of the first workspace", async () => {
    const { id } = await startNode(made);
    const ways = [drainNode, resumeNode, removeNode];
    for (const way of ways) {
      await expect(way(made.later.as("admin"), { node: id })).rejects.toMatchObject({
        code: "forbidden",
      });
      await expect(way(made.first.as("operator"), { node: id })).rejects.toMatchObject({
        code: "forbidden",
      });
      await expect(
        way(made.first.as("admin"), { node: "00000000-0000-4000-8000-000000000000" }),
      ).rejects.toMatchObject({ code: "not_found" });
      await expect(way(made.first.as("admin"), { node: "x" })).rejects.toThrow();
    }
    expect((await listNodes(made.first.as("admin"))).canManage).toBe(true);
    expect((await listNodes(made.later.as("admin"))).canManage).toBe(false);
  });

  it("removes a node that is gone, not one that would register again", async () => {
    const { id, announcer, node } = await startNode(made);
    await expect(removeNode(made.first.as("admin"), { node: id })).rejects.toMatchObject({
      code: "conflict",
    });
    await announcer.close();
    await removeNode(made.first.as("admin"), { node: id });
    // Processes follow the table; until then they list what they still reach.
    await until(() => made.pool.members.length === 0);
    expect(await nodeAt(made, node.url)).toBeUndefined();
    const [last] = await asOwner<{ action: string }>(
      made.world.db.ownerUrl,
      "select action from audit_log where subject_id = $1 order by seq desc limit 1",
      [id],
    );
    expect(last?.action).toBe("node.removed");
  });
});
