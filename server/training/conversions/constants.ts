export const CONVERSION_STATUSES = [
  "queued",
  "running",
  "succeeded",
  "failed",
  "canceled",
] as const;
export type ConversionStatus = (typeof CONVERSION_STATUSES)[number];

/** Starts before a conversion fails: a model that ends its worker must not end the next one for ever. */
export const ATTEMPTS_MAX = 3;

/** Largest ONNX file that is taken, as from an upload. */
export const ONNX_BYTES_MAX = 512 * 1024 * 1024;

/** Largest native model that is converted, bytes. */
export const NATIVE_BYTES_MAX = 512 * 1024 * 1024;
