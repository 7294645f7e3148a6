import { createHash } from "node:crypto";
import sharp, { type Sharp } from "sharp";
import { DecodedImage, type ImageInput } from "@/server/protocols/open-inference/codec";
import { BadImage } from "./bad-image";
import { inSlot } from "./decoding-slots";

/** Bytes of one image. */
const IMAGE_BYTES_MAX = 10 * 1024 * 1024;
/** Pixels of one image: what the largest cameras of telephones make. */
const PIXELS_MAX = 50_000_000;

type Format = "png" | "jpeg" | "webp";

/**
 * The pixels of an image as an input wants them. Throws BadImage for what is no whole image of a known
 * format or too large, unavailable when too many are being decoded.
 */
export async function decodeImage(text: string, image: ImageInput): Promise<DecodedImage> {
  const encoded = withoutPrefix(text);
  if (encoded.length > Math.ceil(IMAGE_BYTES_MAX / 3) * 4 + 4) {
    throw new BadImage(`an image of more than ${IMAGE_BYTES_MAX / 2 ** 20} MiB`);
  }
  const bytes = Buffer.from(encoded, "base64");
  const format = formatOf(bytes);
  if (!format) throw new BadImage(text === "" ? "an empty text" : "a text that is none");
  return inSlot(async () => {
    const { width, height } = await read(() => sharp(bytes, OPTIONS).metadata());
    if (width * height > PIXELS_MAX) {
      throw new BadImage(
        `an image of ${width} × ${height} pixels, above ${PIXELS_MAX / 1e6} million`,
      );
    }
    const { data, info } = await read(() =>
      prepared(sharp(bytes, OPTIONS), image).toBuffer({ resolveWithObject: true }),
    );
    if (info.channels !== image.channels) throw new Error(`${info.channels} channels came out`);
    const digest = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
    const size = `${width} × ${height}, ${bytes.byteLength} bytes`;
    return new DecodedImage(data, `image/${format}, ${size}, sha256 ${digest}…`);
  });
}

const OPTIONS = { limitInputPixels: PIXELS_MAX * 1.01, failOn: "truncated", pages: 1 } as const;

const withoutPrefix = (text: string): string => {
  const match = /^data:[\w/+.;=-]{0,100};base64,/.exec(text.slice(0, 128));
  return match ? text.slice(match[0].length) : text;
};

/** By its first bytes, so that no other reader of the library is ever reached. */
function formatOf(bytes: Buffer): Format | undefined {
  if (bytes.subarray(0, 8).toString("latin1") === "\x89PNG\r\n\x1a\n") return "png";
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return "jpeg";
  const riff = bytes.subarray(0, 4).toString("latin1") === "RIFF";
  return riff && bytes.subarray(8, 12).toString("latin1") === "WEBP" ? "webp" : undefined;
}

async function read<T>(decode: () => Promise<T>): Promise<T> {
  try {
    return await decode();
  } catch (error) {
    const reason = error instanceof Error ? error.message : "";
    if (/pixel limit/.test(reason)) throw new BadImage("an image of too many pixels");
    throw new BadImage("an image that is damaged");
  }
}

const FIT = { stretch: "fill", crop: "cover", pad: "contain" } as const;

function prepared(source: Sharp, { channels, width, height, fit }: ImageInput): Sharp {
  const upright = source.autoOrient();
  const opaque = channels === 4 ? upright.ensureAlpha() : upright.flatten({ background: "white" });
  const background = { r: 0, g: 0, b: 0, alpha: 1 };
  return opaque
    .resize(width, height, { fit: FIT[fit], background })
    .toColourspace(channels === 1 ? "b-w" : "srgb")
    .raw({ depth: "uchar" });
}
