/** Largest ONNX file that is taken; the format itself ends at 2 GiB. */
export const MODEL_BYTES_MAX = 512 * 1024 * 1024;
