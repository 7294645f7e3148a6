import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { bytesField } from "../../../tests/node/support/protobuf-writer";
import { imageModel, imageSignature } from "../../../tests/predictions/support/image-model";
import { checkModel } from "./check-model";
import { signatureHints } from "./schemas";
import { signatureFromGraph } from "./signature-from-graph";
import { UnfitModel } from "./unfit-model";

const hints = (more: object) =>
  signatureHints.parse({ target: "animal", classes: ["cat", "dog"], ...more });
const metadata = (key: string, value: string): Buffer =>
  bytesField(14, Buffer.concat([bytesField(1, key), bytesField(2, value)]));

describe("an uploaded graph that takes images", () => {
  it("gets its signature from its shape and what the uploader says", async () => {
    const { signature } = await checkModel(imageModel(), hints({ image: { scale: 1 / 255 } }));
    expect(signature).toEqual(imageSignature());
    const named = hints({ image: { mean: [0.5], order: "BGR" }, features: ["picture"] });
    const turned = await checkModel(imageModel({ layout: "NHWC" }), named);
    expect(turned.signature.features).toEqual([
      { name: "picture", type: "image", nullable: false },
    ]);
    expect(turned.signature.inputs[0]).toMatchObject({
      name: "photo",
      shape: [-1, 8, 8, 3],
      columns: ["picture"],
      image: { layout: "NHWC", order: "BGR", scale: 1, mean: [0.5], fit: "stretch" },
    });
  });

  it("says it by the metadata of the ONNX standard, which the uploader may correct", async () => {
    const extra = [
      metadata("Image.BitmapPixelFormat", "Bgr8"),
      metadata("Image.NominalPixelRange", "Normalized_1_1"),
    ];
    const said = await checkModel(imageModel({}, extra), hints({}));
    const image = { order: "BGR", scale: 1 / 255, mean: [0.5], std: [0.5] };
    expect(said.signature.inputs[0]?.image).toMatchObject(image);
    const corrected = await checkModel(imageModel({}, extra), hints({ image: { order: "RGB" } }));
    expect(corrected.signature.inputs[0]?.image).toMatchObject({ ...image, order: "RGB" });
  });

  it("answers an example image", async () => {
    const raw = { width: 8, height: 8, channels: 3 } as const;
    const png = await sharp(Buffer.alloc(192, 90), { raw }).png().toBuffer();
    const inputExample = { photo: png.toString("base64") };
    const checked = await checkModel(imageModel(), hints({ image: {}, inputExample }));
    expect(checked.exampleAnswer).toMatchObject({ prediction: expect.stringMatching(/cat|dog/) });
    const wrong = checkModel(imageModel(), hints({ image: {}, inputExample: { photo: "text" } }));
    await expect(wrong).rejects.toThrow(/PNG, JPEG or WebP/);
  });

  const spec = (shape: number[]) => ({
    inputs: [{ name: "x", datatype: "FP32" as const, shape }],
    outputs: [
      { name: "label", datatype: "INT64" as const, shape: [-1] },
      { name: "probabilities", datatype: "FP32" as const, shape: [-1, 2] },
    ],
  });
  it.each([
    ["says nothing of images", [-1, 3, 8, 8], undefined, '"image"'],
    ["could be either layout", [-1, 3, 8, 3], {}, "NCHW or NHWC"],
    ["leaves its height open", [-1, 3, -1, 8], {}, "height"],
    ["has another height than the uploader says", [-1, 3, 8, 8], { height: 9 }, "height is 8"],
    ["has two channels", [-1, 2, 8, 8], { layout: "NCHW" }, "2 channels"],
  ] as const)("is refused where it %s", (_name, shape, image, message) => {
    const make = () => signatureFromGraph(spec([...shape]), hints(image ? { image } : {}));
    expect(make).toThrow(UnfitModel);
    expect(make).toThrow(message);
  });

  it("may leave sizes open that the uploader says", () => {
    const image = { height: 20, width: 30 };
    const { inputs } = signatureFromGraph(spec([-1, 3, -1, -1]), hints({ image }));
    expect(inputs[0]?.shape).toEqual([-1, 3, 20, 30]);
  });
});
