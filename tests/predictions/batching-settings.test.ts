import { expect, it } from "vitest";
import { updateDeploymentSettings } from "@/server/deployments";
import { createDeployedWorld, deployModel } from "../deployments/support/deployed-world";
import { call, startPredictionServer, until } from "./support/prediction-server";

it("a change of batching reaches the node, which loads nothing again and fails no request", async () => {
  const world = await createDeployedWorld();
  const workspace = await world.workspace();
  const server = await startPredictionServer(world, world.nodes);
  try {
    const { versionId } = await deployModel(world, workspace, "tuned");
    const key = await workspace.key("data_scientist");
    const member = world.nodes.members[0];
    if (!member) throw new Error("the world has a node");
    const model = `${workspace.id}.${versionId}`;
    // Sliced by the largest batch: the number of executions tells the policy.
    const executions = async () => {
      const inputs = Array.from({ length: 64 }, (_, a) => ({ a, b: 0 }));
      const before = (await member.client.stats(model)).model_stats[0]?.execution_count ?? 0;
      const reply = await call(`${server.url}/api/v1/deployments/tuned/predict`, key, { inputs });
      expect(reply.status).toBe(200);
      const after = (await member.client.stats(model)).model_stats[0]?.execution_count ?? 0;
      return after - before;
    };
    expect(await executions()).toBe(1);
    await updateDeploymentSettings(workspace.as("admin"), {
      deployment: "tuned",
      batching: { mode: "fixed", maxBatchSize: 8 },
    });
    await until(async () => (await executions()) === 8);
    await updateDeploymentSettings(workspace.as("admin"), {
      deployment: "tuned",
      variants: { v1: { batching: { mode: "fixed", maxBatchSize: 32 } } },
    });
    await until(async () => (await executions()) === 2);
  } finally {
    await server.close();
    await world.close();
  }
});
