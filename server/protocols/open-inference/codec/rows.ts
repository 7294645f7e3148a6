import { compileEncoder, type EncodeResult, ISSUES_MAX, type RowIssue } from "./compile-signature";
import { compileDecoder, type Predictions } from "./decode-predictions";
import type { Signature } from "./signature";
import type { Tensor } from "./tensor";

export type { Prediction } from "./decode-predictions";
export type { EncodeResult, Predictions, RowIssue };
export { ISSUES_MAX };

export type CompiledSignature = {
  /** Rows of named features to input tensors, or at most 20 issues. Checks every value. */
  encode: (rows: readonly unknown[]) => EncodeResult;
  /** Output tensors to one prediction a row. */
  decode: (tensors: readonly Tensor[]) => Predictions;
};

/** Prepares both directions once, for a signature that serves many requests. */
export function compileSignature(signature: Signature): CompiledSignature {
  return { encode: compileEncoder(signature), decode: compileDecoder(signature) };
}

/** One-off form of `compileSignature(signature).encode(rows)`. */
export function rowsToTensors(signature: Signature, rows: readonly unknown[]): EncodeResult {
  return compileEncoder(signature)(rows);
}

/** One-off form of `compileSignature(signature).decode(tensors)`. */
export function tensorsToPredictions(
  signature: Signature,
  tensors: readonly Tensor[],
): Predictions {
  return compileDecoder(signature)(tensors);
}
