import { execFileSync } from "node:child_process";

/** Reads the set that ships inside scikit-learn, shuffled by a fixed seed, as CSV. */
const PROGRAM = `
import csv, sys
import numpy
from sklearn.datasets import load_breast_cancer
data = load_breast_cancer()
out = csv.writer(sys.stdout, lineterminator="\\n")
out.writerow([*data.feature_names, "target"])
for i in numpy.random.default_rng(7).permutation(len(data.data)):
    out.writerow([*(repr(float(x)) for x in data.data[i]), data.target_names[data.target[i]]])
`;

export interface HeldOut {
  csv: string;
  rows: { input: Record<string, number>; truth: string }[];
}

/** The set cut in two: `csv` to upload, and `heldOut` rows that no training sees. */
export function breastCancer(python: string, heldOut: number): HeldOut {
  const lines = execFileSync(python, ["-c", PROGRAM], { encoding: "utf8", maxBuffer: 2 ** 26 })
    .trim()
    .split("\n");
  const header = lines[0] ?? "";
  const names = header.split(",");
  const rows = lines.slice(1, heldOut + 1).map((line) => {
    const cells = line.trim().split(",");
    const input = Object.fromEntries(names.slice(0, -1).map((name, i) => [name, Number(cells[i])]));
    return { input, truth: cells.at(-1) ?? "" };
  });
  return { csv: [header, ...lines.slice(heldOut + 1)].join("\n"), rows };
}
