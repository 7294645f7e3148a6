/** Rows of one prediction request. */
export const ROWS_MAX = 1_000;
/** Characters of the id of the unit a request is about. */
export const UNIT_CHARS_MAX = 256;
/** Bytes of the JSON body of a prediction. */
export const PREDICT_BYTES_MAX = 16 * 1024 * 1024;
/** Bytes of an Open Inference request, also after unpacking. */
export const INFER_BYTES_MAX = 64 * 1024 * 1024;
