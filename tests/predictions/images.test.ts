import { crc32 } from "node:zlib";
import { InferenceSession, Tensor } from "onnxruntime-node";
import sharp, { type Sharp } from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listPredictions, predict } from "@/server/predictions";
import {
  createDeployedWorld,
  type DeployedWorld,
  deployModel,
} from "../deployments/support/deployed-world";
import type { TestWorkspace } from "../support/workspace";
import { imageModel, imageSignature, SIDE } from "./support/image-model";
import { call, type PredictionServer, startPredictionServer } from "./support/prediction-server";

const PHOTO = { mean: [0.5, 0.4, 0.3], std: [0.2, 0.25, 0.3] };

let world: DeployedWorld;
let server: PredictionServer;
let workspace: TestWorkspace;
let key: string;
let session: InferenceSession;
beforeAll(async () => {
  world = await createDeployedWorld();
  workspace = await world.workspace();
  key = await workspace.key("data_scientist");
  const photos = { onnx: imageModel(PHOTO), signature: imageSignature(PHOTO) };
  await deployModel(world, workspace, "photos", photos);
  session = await InferenceSession.create(photos.onnx);
  const swapped = { layout: "NHWC", order: "BGR", fit: "pad" } as const;
  const others = { onnx: imageModel(swapped), signature: imageSignature(swapped) };
  await deployModel(world, workspace, "swapped", others);
  const gray = { channels: 1 } as const;
  await deployModel(world, workspace, "gray", {
    onnx: imageModel(gray),
    signature: imageSignature(gray),
  });
  server = await startPredictionServer(world, world.nodes);
});
afterAll(async () => {
  await session.release();
  await server.close();
  await world.close();
});

/** Pixels that differ in every channel, RGB. */
function pixels(width = SIDE, height = SIDE): Buffer {
  return Buffer.from(
    Array.from({ length: width * height * 3 }, (_, at) => (at * 37 + (at % 3) * 91) % 256),
  );
}
const raw = (data: Buffer, width = SIDE, height = SIDE, channels: 1 | 3 | 4 = 3) =>
  sharp(data, { raw: { width, height, channels } });
const base64 = async (image: Sharp) => (await image.toBuffer()).toString("base64");

/** What the model itself says of pixels, prepared here by hand: [cat, dog]. */
async function modelSays(rgb: Uint8Array): Promise<number[]> {
  const data = new Float32Array(3 * SIDE * SIDE);
  for (let at = 0; at < SIDE * SIDE; at += 1) {
    for (let c = 0; c < 3; c += 1) {
      const value = (rgb[at * 3 + c] ?? 0) / 255;
      data[c * SIDE * SIDE + at] = (value - (PHOTO.mean[c] ?? 0)) / (PHOTO.std[c] ?? 1);
    }
  }
  const photo = new Tensor("float32", data, [1, 3, SIDE, SIDE]);
  const { probabilities } = await session.run({ photo });
  return Array.from(probabilities?.data as Float32Array);
}

const ask = (photo: unknown, deployment = "photos") =>
  call(`${server.url}/api/v1/deployments/${deployment}/predict`, key, { input: { photo } });

async function expectAnswer(photo: string, rgb: Uint8Array): Promise<void> {
  const { status, body } = await ask(photo);
  expect(body).toMatchObject({ predictions: [expect.stringMatching(/cat|dog/)] });
  expect(status).toBe(200);
  const [row] = body.probabilities as { cat: number; dog: number }[];
  const [cat = 0, dog = 0] = await modelSays(rgb);
  expect(row?.cat).toBeCloseTo(cat, 6);
  expect(row?.dog).toBeCloseTo(dog, 6);
}

describe("an image is answered as the model answers its pixels", () => {
  it("sent as PNG, as lossless WebP, with and without the head of a data URL", async () => {
    const png = await base64(raw(pixels()).png());
    await expectAnswer(png, pixels());
    await expectAnswer(`data:image/png;base64,${png}`, pixels());
    await expectAnswer(await base64(raw(pixels()).webp({ lossless: true })), pixels());
  });

  it("sent as JPEG, upright by its EXIF orientation", async () => {
    const upright = await raw(pixels()).jpeg({ quality: 100 }).toBuffer();
    await expectAnswer(upright.toString("base64"), await sharp(upright).raw().toBuffer());
    const turned = await raw(pixels(SIDE * 2, SIDE), SIDE * 2, SIDE)
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    const seen = sharp(turned).rotate(90).resize(SIDE, SIDE, { fit: "fill" });
    await expectAnswer(turned.toString("base64"), await seen.raw().toBuffer());
  });

  it("of another size, stretched to that of the model", async () => {
    const large = raw(pixels(31, 17), 31, 17);
    const small = await large.clone().resize(SIDE, SIDE, { fit: "fill" }).raw().toBuffer();
    await expectAnswer(await base64(large.png()), small);
  });

  it("with transparency, which lies on white, and in gray or 16 bits", async () => {
    const clear = Buffer.alloc(SIDE * SIDE * 4);
    await expectAnswer(
      await base64(raw(clear, SIDE, SIDE, 4).png()),
      Buffer.alloc(SIDE * SIDE * 3, 255),
    );
    const one = Buffer.from(Array.from({ length: SIDE * SIDE }, (_, at) => at * 4));
    const three = Buffer.from(Array.from(one).flatMap((value) => [value, value, value]));
    await expectAnswer(await base64(raw(one, SIDE, SIDE, 1).png()), three);
    const deep = raw(pixels()).toColourspace("rgb16").png();
    expect((await sharp(await deep.clone().toBuffer()).metadata()).depth).toBe("ushort");
    await expectAnswer(await base64(deep), pixels());
  });

  it("in another layout, order of channels and number of channels", async () => {
    const png = await base64(raw(pixels(12, 6), 12, 6).png());
    for (const deployment of ["swapped", "gray"]) {
      const { status, body } = await ask(png, deployment);
      expect(status, deployment).toBe(200);
      expect(body.predictions).toHaveLength(1);
    }
  });

  it("inside the process and in batches, where an error names its row", async () => {
    const png = await base64(raw(pixels()).png());
    const ctx = { ...workspace.as("data_scientist"), ports: server.runtime.ports };
    const reply = await predict(ctx, { deployment: "photos", input: { photo: png } });
    expect(reply.predictions).toHaveLength(1);
    const url = `${server.url}/api/v1/deployments/photos/batch-predict`;
    const inputs = Array.from({ length: 7 }, () => ({ photo: png }));
    const options = { batchSize: 2, includeConfidence: true };
    const { body } = await call(url, key, { inputs, options });
    expect(body.predictions).toEqual(inputs.map(() => reply.predictions[0]));
    expect(body.confidence).toHaveLength(7);
    const wrong = [...inputs.slice(0, 5), { photo: "no image" }];
    const refused = await call(url, key, { inputs: wrong, options });
    expect(refused.status).toBe(422);
    expect(refused.body.issues).toMatchObject([{ path: "inputs.5.photo" }]);
  });
});

/** A whole PNG whose header says another size. */
async function bomb(side: number): Promise<string> {
  const png = await raw(pixels()).png().toBuffer();
  png.writeUInt32BE(side, 16);
  png.writeUInt32BE(side, 20);
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
  return png.toString("base64");
}

describe("what is no image is refused with 422 that says what to send", () => {
  it("text, other formats, nothing, and other types", async () => {
    const gif = await base64(raw(pixels()).gif());
    const svg = Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'/>").toString("base64");
    for (const photo of ["", "hello", gif, svg, "data:image/png;base64,", 5, null, [1], {}]) {
      const { status, body } = await ask(photo);
      expect(status, JSON.stringify(photo)).toBe(422);
      expect(body.issues).toMatchObject([{ path: "input.photo" }]);
      expect(body.detail).toContain("PNG, JPEG or WebP image in base64");
    }
    expect((await ask(undefined)).status).toBe(422);
  });

  it("damaged and cut images", async () => {
    const png = await raw(pixels(64, 64), 64, 64).png().toBuffer();
    const jpeg = await raw(pixels(64, 64), 64, 64).jpeg().toBuffer();
    for (const bytes of [
      png.subarray(0, 8),
      png.subarray(0, png.length / 2),
      jpeg.subarray(0, 40),
    ]) {
      const { status, body } = await ask(bytes.toString("base64"));
      expect(status).toBe(422);
      expect(body.detail).toContain("damaged");
    }
  });

  it("too many pixels or bytes, before memory is taken", async () => {
    const wide = await ask(await bomb(60_000));
    expect(wide.status).toBe(422);
    expect(wide.body.detail).toContain("pixels");
    const heavy = await ask(Buffer.alloc(11 * 1024 * 1024).toString("base64"));
    expect(heavy.status).toBe(422);
    expect(heavy.body.detail).toContain("10 MiB");
  });

  it("and images are not explained", async () => {
    const photo = await base64(raw(pixels()).png());
    const url = `${server.url}/api/v1/deployments/photos/predict`;
    const options = { includeFeatureImportance: true };
    const { status, body } = await call(url, key, { input: { photo }, options });
    expect([status, body.detail]).toEqual([422, "Models that take images are not explained."]);
  });
});

it("an image of some megabytes is taken from the playground as well, from callers who are known", async () => {
  const noise = Buffer.from(Array.from({ length: 900 * 900 * 3 }, (_, at) => (at * at * 31) >> 3));
  const photo = await base64(raw(noise, 900, 900).png({ compressionLevel: 0 }));
  expect(photo.length).toBeGreaterThan(3_000_000);
  const url = `${server.url}/api/trpc/predictions.predict`;
  const direct = await ask(photo);
  const { status, body } = await call(url, key, { deployment: "photos", input: { photo } });
  expect(status).toBe(200);
  expect(JSON.stringify(body)).toContain(JSON.stringify(direct.body.predictions));
  expect((await call(url, undefined, { input: { photo } })).status).toBe(413);
});

it("tensors of images are taken as they are by the open protocol, and told by their size", async () => {
  const data = new Array<number>(3 * SIDE * SIDE).fill(0);
  const inputs = [{ name: "photo", datatype: "FP32", shape: [1, 3, SIDE, SIDE], data }];
  const { status, body, headers } = await call(`${server.url}/v2/models/photos/infer`, key, {
    inputs,
  });
  expect(status, JSON.stringify(body)).toBe(200);
  await server.gateway.logs.flush();
  const { items } = await listPredictions(workspace.as("viewer"), { deployment: "photos" });
  const row = items.find((one) => one.requestId === headers.get("x-request-id"));
  expect(row?.inputs).toEqual([{ photo: "image, 8 × 8 × 3" }]);
});

it("the log keeps what an image was, not the image", async () => {
  const photo = await base64(raw(pixels()).png());
  const { body } = await ask(photo);
  await server.gateway.logs.flush();
  const { items } = await listPredictions(workspace.as("viewer"), { deployment: "photos" });
  const row = items.find((one) => one.requestId === body.requestId);
  expect(row?.inputs).toEqual([{ photo: expect.stringMatching(/^image\/png, 8 × 8, \d+ bytes/) }]);
});
