import { afterAll, beforeAll, expect, it } from "vitest";
import {
  createDeployedWorld,
  type DeployedWorld,
  deployModel,
} from "../deployments/support/deployed-world";
import { mixedModel, mixedSignature } from "../node/support/sample-models";
import { asOwner } from "../support/database";
import type { TestWorkspace } from "../support/workspace";
import { type PredictionServer, startPredictionServer } from "./support/prediction-server";

let world: DeployedWorld;
let server: PredictionServer;
let workspace: TestWorkspace;
let key: string;
beforeAll(async () => {
  world = await createDeployedWorld();
  workspace = await world.workspace();
  key = await workspace.key("data_scientist");
  await deployModel(world, workspace, "slope");
  await deployModel(world, workspace, "paint", { onnx: mixedModel(), signature: mixedSignature });
  server = await startPredictionServer(world, world.nodes);
});
afterAll(async () => {
  await server.close();
  await world.close();
});

async function loggedOf(deployment: string, text: string): Promise<unknown> {
  const reply = await fetch(`${server.url}/api/v1/deployments/${deployment}/predict`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: text,
  });
  const { requestId } = (await reply.json()) as { requestId: string };
  expect(reply.status).toBe(200);
  const read = async () => {
    const [row] = await asOwner<{ inputs: unknown; text: string }>(
      world.db.ownerUrl,
      "select inputs::jsonb as inputs, inputs::text as text from prediction_logs where request_id = $1",
      [requestId],
    );
    return row;
  };
  await expect.poll(read, { timeout: 30_000 }).toBeDefined();
  return read();
}

const tiny = `0.${"0".repeat(20_000)}1`;

it.each([
  ["as it was sent", '{"inputs":[{"a":2,"b":5.25}]}', [{ a: 2, b: 5.25 }]],
  ["with spaces", '{ "inputs" : [ { "a" : 2 , "b" : 5 } ] }', [{ a: 2, b: 5 }]],
  ["one row", '{"input":{"a":2,"b":5}}', [{ a: 2, b: 5 }]],
  ["options before it", '{"options":{},"inputs":[{"a":2,"b":5}]}', [{ a: 2, b: 5 }]],
  ["options behind it", '{"inputs":[{"a":2,"b":5}],"options":{"unit":"u]"}}', [{ a: 2, b: 5 }]],
  ["said twice", '{"inputs":[{"a":9,"b":9}],"inputs":[{"a":2,"b":5}]}', [{ a: 2, b: 5 }]],
  ["a feature said twice", '{"inputs":[{"a":9,"b":5,"a":2}]}', [{ a: 2, b: 5 }]],
  ["exponents", '{"inputs":[{"a":2e0,"b":1e-999999}]}', [{ a: 2, b: 0 }]],
  ["a very long number", `{"inputs":[{"a":2,"b":${tiny}}]}`, [{ a: 2, b: 0 }]],
])("keeps the rows of a request: %s", async (_name, text, wanted) => {
  expect(await loggedOf("slope", text)).toMatchObject({ inputs: wanted });
});

it("keeps a whole number that was written with decimals as the number it is", async () => {
  const kept = await loggedOf("slope", '{"inputs":[{"a":42.0,"b":5}]}');
  expect(kept).toMatchObject({ text: '[{"a":42,"b":5}]' });
});
