import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  createDeployedWorld,
  type DeployedWorld,
  deployModel,
} from "../deployments/support/deployed-world";
import { mixedModel, mixedSignature } from "../node/support/sample-models";
import { call, type PredictionServer, startPredictionServer } from "./support/prediction-server";

let world: DeployedWorld;
let server: PredictionServer;
let key: string;
beforeAll(async () => {
  world = await createDeployedWorld();
  const workspace = await world.workspace();
  key = await workspace.key("admin");
  await deployModel(world, workspace, "paint", { onnx: mixedModel(), signature: mixedSignature });
  server = await startPredictionServer(world, world.nodes);
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const anything = fc.jsonValue({ maxDepth: 4 });
/** Values that are nearly right find more than values that are nothing at all. */
const row = fc.record(
  {
    width: fc.oneof(fc.double(), fc.constant(null), anything),
    wet: fc.oneof(fc.boolean(), anything),
    color: fc.oneof(fc.string({ unit: "binary" }), fc.constant(null), anything),
    extra: anything,
  },
  { requiredKeys: ["width", "wet"] },
);
const body = fc.oneof(
  anything,
  fc.record({ input: fc.oneof(row, anything) }),
  fc.record({ inputs: fc.oneof(fc.array(row, { maxLength: 20 }), anything) }),
  fc.record({ input: row, options: anything }),
);
const tensor = fc.record(
  {
    name: fc.oneof(fc.constantFrom("numeric", "categorical"), fc.string()),
    datatype: fc.oneof(fc.constantFrom("FP64", "BYTES", "INT64", "FP16", "BOOL"), fc.string()),
    shape: fc.oneof(fc.array(fc.integer({ min: -2, max: 5 }), { maxLength: 3 }), anything),
    data: fc.oneof(fc.array(fc.oneof(fc.double(), fc.string())), anything),
    parameters: anything,
  },
  { requiredKeys: ["name", "datatype", "shape"] },
);
const inferBody = fc.oneof(
  anything,
  fc.record(
    {
      inputs: fc.oneof(fc.array(tensor, { maxLength: 3 }), anything),
      outputs: anything,
      id: anything,
      parameters: anything,
    },
    { requiredKeys: ["inputs"] },
  ),
);

const neverBreaks = async (url: string, sent: string | Uint8Array, headers = {}) => {
  const reply = await call(url, key, sent, { headers });
  expect(reply.status === 200 || (reply.status >= 400 && reply.status < 500)).toBe(true);
};

it("answers any JSON on the predict route with 200 or a 4xx", async () => {
  const url = `${server.url}/api/v1/deployments/paint/predict`;
  await fc.assert(
    fc.asyncProperty(body, (value) => neverBreaks(url, JSON.stringify(value))),
    { numRuns: 400 },
  );
});

it("answers any bytes on both routes with 200 or a 4xx", async () => {
  const bytes = fc.uint8Array({ maxLength: 300 });
  const length = fc.oneof(fc.integer({ min: -1, max: 400 }).map(String), fc.constant("x"));
  await fc.assert(
    fc.asyncProperty(bytes, length, async (sent, headerLength) => {
      await neverBreaks(`${server.url}/api/v1/deployments/paint/predict`, sent);
      await neverBreaks(`${server.url}/v2/models/paint/infer`, sent, {
        "inference-header-content-length": headerLength,
      });
    }),
    { numRuns: 200 },
  );
});

it("answers any JSON on the infer route with 200 or a 4xx", async () => {
  const url = `${server.url}/v2/models/paint/infer`;
  await fc.assert(
    fc.asyncProperty(inferBody, (value) => neverBreaks(url, JSON.stringify(value))),
    { numRuns: 400 },
  );
});

it("answers any path below its prefixes with a status below 500", async () => {
  const segment = fc.oneof(
    fc.constantFrom("models", "versions", "paint", "infer", "predict", "ready", "%2e%2e", "%00"),
    fc.string({ unit: "binary" }).map((text) => encodeURIComponent(text.toWellFormed())),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(segment, { maxLength: 6 }), async (segments) => {
      for (const prefix of ["/v2", "/api/v1/deployments", "/api/v1/models"]) {
        const url = `${server.url}${prefix}/${segments.join("/")}`;
        const got = await fetch(url, { headers: { authorization: `Bearer ${key}` } });
        await got.arrayBuffer();
        expect(got.status, url).toBeLessThan(500);
        const posted = await call(url, key, { input: {} });
        expect(posted.status, url).toBeLessThan(500);
      }
    }),
    { numRuns: 100 },
  );
});
