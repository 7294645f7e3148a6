import { invalid } from "@/server/kernel/errors";
import {
  DecodedImage,
  ELEMENT_BYTES,
  type ImageInput,
  ISSUES_MAX,
  type RowIssue,
  type Signature,
} from "@/server/protocols/open-inference/codec";
import { BadImage } from "./bad-image";

/** Bytes of the tensors that the images of one request become. */
const TENSOR_BYTES_MAX = 64 * 1024 * 1024;

/** Whether a signature has an input of images. */
export const takesImages = (signature: Signature): boolean =>
  signature.inputs.some(({ image }) => image !== undefined);

type Decoded = { rows: readonly unknown[] } | { issues: RowIssue[] };

/**
 * The same rows with images in the place of their texts; what is no text is left to whoever encodes the
 * rows. Throws validation_failed for more rows than a request may hold, unavailable as decodeImage.
 */
export async function decodeRows(signature: Signature, rows: readonly unknown[]): Promise<Decoded> {
  // Most processes never see an image, and the library takes memory.
  const { decodeImage } = await import("./decode-image");
  checkBytes(signature, rows.length);
  const inputs = imagesOf(signature);
  const issues: RowIssue[] = [];
  const decodeRow = async (row: unknown, at: number): Promise<unknown> => {
    if (!isObject(row)) return row;
    const made = { ...row };
    for (const [feature, image] of inputs) {
      const text = Object.hasOwn(row, feature) ? row[feature] : undefined;
      if (typeof text !== "string" || issues.length >= ISSUES_MAX) continue;
      try {
        made[feature] = await decodeImage(text, image);
      } catch (error) {
        if (!(error instanceof BadImage)) throw error;
        issues.push(issueOf(at, feature, error.got));
      }
    }
    return made;
  };
  const decoded = await Promise.all(rows.map(decodeRow));
  if (issues.length === 0) return { rows: decoded };
  return { issues: issues.sort((a, b) => a.row - b.row) };
}

/** Rows as they are told in logs. */
export const describeRows = (rows: readonly unknown[]): unknown[] =>
  rows.map((row) =>
    isObject(row)
      ? Object.fromEntries(
          Object.entries(row).map(([name, value]) => [
            name,
            value instanceof DecodedImage ? value.summary : value,
          ]),
        )
      : row,
  );

const imagesOf = ({ inputs }: Signature): [string, ImageInput][] =>
  inputs.flatMap(({ image, columns: [feature] }) => (image && feature ? [[feature, image]] : []));

function checkBytes({ inputs }: Signature, rows: number): void {
  const rowBytes = inputs.reduce((sum, { image, shape, datatype }) => {
    if (!image || datatype === "BYTES") return sum;
    return sum + shape.slice(1).reduce((all, one) => all * one, ELEMENT_BYTES[datatype]);
  }, 0);
  const most = Math.floor(TENSOR_BYTES_MAX / Math.max(1, rowBytes));
  if (rows <= most) return;
  throw invalid(
    `Of images of this size a request may hold ${most}, got ${rows}: send fewer, or choose a smaller batchSize.`,
  );
}

function issueOf(row: number, feature: string, got: string): RowIssue {
  const expected = "a PNG, JPEG or WebP image in base64";
  const message = `row ${row}: feature ${feature} must be ${expected}, got ${got}`;
  return { row, feature, expected, got, message };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
