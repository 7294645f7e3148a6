import { describe, expect, it } from "vitest";
import { type Signature, signatureSchema } from "@/server/protocols/open-inference/codec";
import { decodeRows } from "./decode-rows";
import { inSlot } from "./decoding-slots";

const signature = (side: number): Signature => {
  const image = { height: side, width: side, channels: 3, layout: "NCHW" } as const;
  return signatureSchema.parse({
    task: "regression",
    features: [{ name: "photo", type: "image", nullable: false }],
    target: { name: "y", type: "number" },
    classes: null,
    inputs: [
      { name: "x", datatype: "FP32", shape: [-1, 3, side, side], columns: ["photo"], image },
    ],
    outputs: [{ name: "prediction", datatype: "FP32", shape: [-1] }],
  });
};

describe("rows of images", () => {
  it("may become 64 MiB of tensors, and a request of more is told how many fit", async () => {
    const rows = Array.from({ length: 6 }, () => ({ photo: "" }));
    await expect(decodeRows(signature(1024), rows)).rejects.toMatchObject({
      code: "validation_failed",
      message: expect.stringContaining("may hold 5, got 6"),
    });
    const fitting = await decodeRows(signature(1024), rows.slice(1));
    expect("issues" in fitting && fitting.issues.map(({ row }) => row)).toEqual([0, 1, 2, 3, 4]);
  });

  it("leave everything that is no text to whoever encodes them", async () => {
    const rows = [{ photo: 5 }, null, "row", { other: "text" }];
    expect(await decodeRows(signature(8), rows)).toEqual({ rows });
  });
});

describe("a signature of images", () => {
  const wrong: [string, (one: Signature) => unknown, string][] = [
    ["of another shape", (one) => ({ ...one.inputs[0], shape: [-1, 3, 9, 8] }), "shape"],
    ["without what it says of images", (one) => ({ ...one.inputs[0], image: undefined }), "images"],
    ["of another datatype", (one) => ({ ...one.inputs[0], datatype: "INT64" }), "FP32"],
    ["of bytes that are scaled", (one) => ({ ...one.inputs[0], datatype: "UINT8" }), "UINT8"],
  ];
  it.each(wrong)("%s is refused", (_name, change, message) => {
    const one = signature(8);
    for (const input of one.inputs) if (input.image) input.image.scale = 0.5;
    const parsed = signatureSchema.safeParse({ ...one, inputs: [change(one)] });
    expect(parsed.error?.issues.map((issue) => issue.message).join()).toContain(message);
  });

  it("that divides by zero, or lacks a number of a channel, is refused", () => {
    const one = signature(8);
    for (const part of [{ std: [1, 0, 1] }, { mean: [1, 2] }, { channels: 2 }]) {
      const inputs = one.inputs.map((input) => ({ ...input, image: { ...input.image, ...part } }));
      expect(signatureSchema.safeParse({ ...one, inputs }).success).toBe(false);
    }
  });
});

it("only so many images wait to be decoded; more are refused with unavailable, and others follow", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const held = Array.from({ length: 1_203 }, () => inSlot(() => promise));
  await expect(inSlot(() => promise)).rejects.toMatchObject({
    code: "unavailable",
    details: { retryAfterSeconds: 1 },
  });
  resolve();
  await Promise.all(held);
  expect(await inSlot(async () => "decoded")).toBe("decoded");
});
