import { promisify } from "node:util";
import { deflate, gzip } from "node:zlib";

/** Smaller bodies cost more to pack than they save. */
const BYTES_MIN = 16_384;

const PACK = { gzip: promisify(gzip), deflate: promisify(deflate) } as const;

export type PackedBody = { body: Buffer; encoding: keyof typeof PACK };

/**
 * The body as gzip or deflate, when the value of `Accept-Encoding` allows one of them and the body
 * is large enough; undefined when it goes as it is.
 */
export async function packBody(
  acceptEncoding: string | string[] | undefined,
  body: Buffer,
): Promise<PackedBody | undefined> {
  if (acceptEncoding === undefined || body.byteLength < BYTES_MIN) return undefined;
  const accepted = String(acceptEncoding);
  const encoding = accepts(accepted, "gzip")
    ? "gzip"
    : accepts(accepted, "deflate")
      ? "deflate"
      : undefined;
  if (encoding === undefined) return undefined;
  return { body: await PACK[encoding](body, { level: 1 }), encoding };
}

function accepts(header: string, encoding: string): boolean {
  return header.split(",").some((entry) => {
    const [name, ...parameters] = entry.split(";").map((part) => part.trim().toLowerCase());
    return name === encoding && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  });
}
