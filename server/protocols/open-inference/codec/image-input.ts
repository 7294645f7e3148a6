import { z } from "zod";

const side = z.int().min(1).max(4096);
const perChannel = z.array(z.number()).min(1).max(4);

/**
 * How an input takes images. An element is (pixel × scale − mean) / std, pixels being 0 to 255.
 */
export const imageSchema = z
  .strictObject({
    height: side,
    width: side,
    channels: z
      .union([z.literal(1), z.literal(3), z.literal(4)])
      .describe("1 is gray, 3 color, 4 color with transparency."),
    layout: z.enum(["NCHW", "NHWC"]),
    order: z.enum(["RGB", "BGR"]).default("RGB").describe("Of the color channels."),
    scale: z.number().default(1).describe("1/255 for elements from 0 to 1."),
    mean: perChannel.optional().describe("One a channel, or one for all; 0 when absent."),
    std: perChannel.optional().describe("One a channel, or one for all; 1 when absent."),
    fit: z
      .enum(["stretch", "crop", "pad"])
      .default("stretch")
      .describe("What is done to images of other proportions."),
  })
  .superRefine(({ channels, mean, std }, issues) => {
    for (const [path, list] of Object.entries({ mean, std })) {
      if (list && list.length !== 1 && list.length !== channels) {
        issues.addIssue({ code: "custom", path: [path], message: "needs one number a channel" });
      }
    }
    if (std?.includes(0))
      issues.addIssue({ code: "custom", path: ["std"], message: "must not be 0" });
  });
export type ImageInput = z.infer<typeof imageSchema>;

/** The shape of a tensor of images, any number of them. */
export const imageShape = ({ height, width, channels, layout }: ImageInput): number[] =>
  layout === "NCHW" ? [-1, channels, height, width] : [-1, height, width, channels];

/** What is wrong with an input's image, its datatype included; empty when nothing is. */
export function imageContradictions(input: {
  name: string;
  datatype: string;
  shape: readonly number[];
  columns: readonly string[];
  image: ImageInput;
}): string[] {
  const { name, datatype, shape, columns, image } = input;
  const found: string[] = [];
  if (!["FP32", "FP64", "UINT8"].includes(datatype))
    found.push(`input ${name} takes images, so it must be FP32, FP64 or UINT8`);
  const expected = imageShape(image);
  if (expected.join() !== shape.join())
    found.push(`input ${name} must have the shape [${expected.join(",")}] of its images`);
  if (columns.length !== 1) found.push(`input ${name} takes images, so it has one column`);
  const changes = image.scale !== 1 || image.mean || image.std;
  if (datatype === "UINT8" && changes)
    found.push(`input ${name} is UINT8, so scale, mean and std have no place`);
  return found;
}

/** An image as the bytes of its pixels, of the size and the channels its input has. */
export class DecodedImage {
  constructor(
    /** height × width × channels, row by row. */
    readonly pixels: Uint8Array,
    /** What is told of it in logs, which do not keep images. */
    readonly summary: string,
  ) {}
}

type Elements = Float32Array | Float64Array | Uint8Array;

/** Prepares the way of pixels into a tensor; the closure fills the elements from `offset` on. */
export function compileImage(
  image: ImageInput,
): (pixels: Uint8Array, into: Elements, offset: number) => void {
  const { height, width, channels, layout, order } = image;
  const tables = Array.from({ length: channels }, (_, channel) => tableOf(image, channel));
  // Where in the pixel a channel of the tensor comes from; transparency stays last.
  const sources = tables.map((_, at) => (order === "BGR" && channels >= 3 && at < 3 ? 2 - at : at));
  const count = height * width;
  const [step, stride] = layout === "NCHW" ? [1, count] : [channels, 1];
  return (pixels, into, offset) => {
    for (let channel = 0; channel < channels; channel++) {
      const table = tables[channel] ?? new Float64Array(256);
      let from = sources[channel] ?? 0;
      let to = offset + channel * stride;
      for (let at = 0; at < count; at++) {
        into[to] = table[pixels[from] ?? 0] ?? 0;
        from += channels;
        to += step;
      }
    }
  };
}

/** The element of every value a pixel may have. */
function tableOf({ scale, mean = [0], std = [1] }: ImageInput, channel: number): Float64Array {
  const center = mean[mean.length === 1 ? 0 : channel] ?? 0;
  const spread = std[std.length === 1 ? 0 : channel] ?? 1;
  return Float64Array.from({ length: 256 }, (_, value) => (value * scale - center) / spread);
}
