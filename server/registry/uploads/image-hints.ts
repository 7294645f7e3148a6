import { readFields, WireFormatError } from "@/server/node/onnx/wire-reader";
import {
  type ImageInput,
  imageShape,
  type TensorSpec,
} from "@/server/protocols/open-inference/codec";
import type { SignatureHints } from "./schemas";
import { UnfitModel } from "./unfit-model";

type ImageHints = NonNullable<SignatureHints["image"]>;

/** ModelProto.metadata_props, and the key and value of one. */
const METADATA_PROPS = 14;
const KEY = 1;
const VALUE = 2;

/**
 * What the metadata of an ONNX file says of its images, by the keys of the ONNX standard
 * (onnx/docs/MetadataProps.md); undefined where it says nothing.
 */
export function imageFromMetadata(bytes: Uint8Array): ImageHints | undefined {
  const metadata = readMetadata(bytes);
  const format = metadata.get("Image.BitmapPixelFormat");
  const range = metadata.get("Image.NominalPixelRange");
  if (format === undefined && range === undefined) return undefined;
  return {
    ...(format?.startsWith("Bgr") ? { order: "BGR" as const } : {}),
    ...rangeOf(range),
  };
}

function rangeOf(range: string | undefined): ImageHints {
  if (range === "Normalized_0_1") return { scale: 1 / 255 };
  if (range === "Normalized_1_1") return { scale: 1 / 255, mean: [0.5], std: [0.5] };
  return {};
}

function readMetadata(bytes: Uint8Array): Map<string, string> {
  const found = new Map<string, string>();
  const text = (start: number, end: number) =>
    Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString();
  try {
    for (const field of readFields(bytes, 0, bytes.byteLength)) {
      if (field.number !== METADATA_PROPS || field.value !== undefined) continue;
      let key = "";
      let value = "";
      for (const part of readFields(bytes, field.start, field.end)) {
        if (part.number === KEY) key = text(part.start, part.end);
        if (part.number === VALUE) value = text(part.start, part.end);
      }
      found.set(key, value);
    }
  } catch (error) {
    // Whether it is an ONNX file at all is told by whoever loads it.
    if (!(error instanceof WireFormatError)) throw error;
  }
  return found;
}

/** How an input of four dimensions takes images. Throws UnfitModel for what is missing. */
function imageOf(spec: TensorSpec, hints: SignatureHints): ImageInput {
  const { name, shape } = spec;
  const { image } = hints;
  if (!image) {
    throw new UnfitModel(
      `The input ${name} has the shape [${shape.join(",")}]: say with "image" how it takes images, for instance {"scale": 0.00392156862745098}.`,
    );
  }
  const layout = image.layout ?? layoutOf(shape);
  if (!layout) {
    throw new UnfitModel(`Say with "image" whether the layout of ${name} is NCHW or NHWC.`);
  }
  const [channels, height, width] = layout === "NCHW" ? shape.slice(1) : channelsFirst(shape);
  const known = {
    height: sizeOf("height", height, image.height),
    width: sizeOf("width", width, image.width),
    channels: sizeOf("channels", channels, image.channels),
  };
  if (known.channels !== 1 && known.channels !== 3 && known.channels !== 4) {
    throw new UnfitModel(
      `The input ${name} has ${known.channels} channels: images have 1, 3 or 4.`,
    );
  }
  const { order = "RGB", scale = 1, fit = "stretch", mean, std } = image;
  return {
    ...known,
    channels: known.channels,
    layout,
    order,
    scale,
    fit,
    ...(mean ? { mean } : {}),
    ...(std ? { std } : {}),
  };
}

const channelsFirst = (shape: readonly number[]) => [shape[3], shape[1], shape[2]];

function layoutOf(shape: readonly number[]): ImageInput["layout"] | undefined {
  const isChannels = (length: number | undefined) => [1, 3, 4].includes(length ?? -1);
  const [, second, , last] = shape;
  if (isChannels(second) === isChannels(last)) return undefined;
  return isChannels(second) ? "NCHW" : "NHWC";
}

function sizeOf(what: string, fixed: number | undefined, said: number | undefined): number {
  const known = fixed !== undefined && fixed > 0 ? fixed : undefined;
  if (known !== undefined && said !== undefined && known !== said) {
    throw new UnfitModel(`The graph's ${what} is ${known}, "image" says ${said}.`);
  }
  const size = known ?? said;
  if (size === undefined)
    throw new UnfitModel(`The graph leaves the ${what} open: say it with "image".`);
  return size;
}

/** The input and the feature of images, which has the name of the input unless another is given. */
export function imageInput(spec: TensorSpec, hints: SignatureHints, name: string | undefined) {
  const image = imageOf(spec, hints);
  const column = name ?? spec.name;
  return {
    input: {
      name: spec.name,
      datatype: spec.datatype,
      shape: imageShape(image),
      columns: [column],
      image,
    },
    feature: { name: column, type: "image" as const, nullable: false },
  };
}
