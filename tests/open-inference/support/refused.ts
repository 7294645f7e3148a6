import type { Asked, Outcome } from "./both-faces";

export const numeric = (data: unknown[], shape: (number | string)[] = [data.length / 2, 2]) => ({
  name: "numeric",
  datatype: "FP64",
  shape,
  data,
});
export const color = { name: "categorical", datatype: "BYTES", shape: [1, 1], data: ["red"] };
export const one = numeric([1, 1]);

/** Requests to `slope` and `paint`, how each ends, and a part of the reason. */
export const REFUSED: [string, Asked, Outcome, string][] = [
  ["too few elements", { inputs: [numeric([1], [1, 2])] }, "invalid", "too few elements"],
  ["too many elements", { inputs: [numeric([1, 1, 1], [1, 2])] }, "invalid", "too many elements"],
  ["no data at all", { inputs: [{ ...one, data: [] }] }, "invalid", "too few elements"],
  ["a negative dimension", { inputs: [numeric([1, 1], [-1, 2])] }, "invalid", "negative"],
  ["an overflowing shape", { inputs: [numeric([1], [2 ** 40, 2 ** 40])] }, "invalid", "too large"],
  [
    "an overflowing size",
    { inputs: [numeric([1], [2 ** 51, 2])] },
    "invalid",
    "more than the limit",
  ],
  [
    "more memory than allowed",
    { inputs: [numeric([1], [9e6, 2])] },
    "invalid",
    "more than the limit",
  ],
  [
    "too many dimensions",
    { inputs: [numeric([1], new Array(40).fill(1))] },
    "invalid",
    "dimensions",
  ],
  ["an unknown datatype", { inputs: [{ ...one, datatype: "FP7" }] }, "invalid", "not known"],
  ["another datatype", { inputs: [{ ...one, datatype: "INT32" }] }, "invalid", "must be FP64"],
  ["FP16 in text", { inputs: [{ ...one, datatype: "FP16" }] }, "invalid", "FP16 has no"],
  ["no inputs", { inputs: [] }, "invalid", 'missing: "numeric"'],
  ["an extra input", { inputs: [one, color] }, "invalid", 'unknown: "categorical"'],
  ["a missing input", { model: "paint", inputs: [one] }, "invalid", 'missing: "categorical"'],
  ["an input twice", { inputs: [one, one] }, "invalid", 'input "numeric" is given twice'],
  [
    "an output twice",
    { inputs: [one], outputs: [{ name: "prediction" }, { name: "prediction" }] },
    "invalid",
    "asked for twice",
  ],
  ["an unknown output", { inputs: [one], outputs: [{ name: "x" }] }, "invalid", '"x" is not known'],
  [
    "classes that are no number",
    { inputs: [one], outputs: [{ name: "prediction", parameters: { classification: "a" } }] },
    "invalid",
    "classification must be",
  ],
  [
    "rows that differ between inputs",
    { model: "paint", inputs: [numeric([1, 1, 2, 0]), color] },
    "invalid",
    "same number of rows",
  ],
  [
    "NUL in a string",
    { model: "paint", inputs: [one, { ...color, data: ["a\0b"] }] },
    "invalid",
    "NUL byte",
  ],
  [
    "shared memory",
    { inputs: [{ ...one, parameters: { shared_memory_region: "r" } }] },
    "unsupported",
    "shared memory",
  ],
  ["a priority below 0", { inputs: [one], parameters: { priority: -1 } }, "invalid", "priority"],
  ["a timeout in parts", { inputs: [one], parameters: { timeout: 0.5 } }, "invalid", "timeout"],
  ["an unknown model", { model: "nobody", inputs: [one] }, "not_found", "does not exist"],
  ["a path for a name", { model: "../etc", inputs: [one] }, "not_found", "does not exist"],
  ["a name with dots behind", { model: "slope/..", inputs: [one] }, "not_found", "does not exist"],
  ["a name of white space", { model: "  ", inputs: [one] }, "not_found", "does not exist"],
  ["a name of 5000 letters", { model: "x".repeat(5000), inputs: [one] }, "not_found", "not exist"],
  ["an unknown version", { version: "9", inputs: [one] }, "not_found", "does not exist"],
  ["a version that is no number", { version: "1 ", inputs: [one] }, "not_found", "does not exist"],
];
