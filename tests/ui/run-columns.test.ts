import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  columnField,
  columnId,
  defaultColumns,
  moveColumn,
  parseColumn,
  parseWidths,
  printWidths,
  type RunColumn,
} from "@/components/experiments/runs/run-columns";
import { printField } from "@/server/experiments/filter/print-filter";
import { AGGREGATES } from "@/server/experiments/filter/syntax";

const key = fc.string({ minLength: 1, maxLength: 30 });
const column: fc.Arbitrary<RunColumn> = fc.oneof(
  fc.record({
    kind: fc.constant("metric" as const),
    key,
    aggregate: fc.constantFrom(...AGGREGATES),
  }),
  fc.record({ kind: fc.constantFrom("param" as const, "tag" as const), key }),
  fc.constant({ kind: "attribute" as const, key: "status" as const }),
);

describe("columns of the runs table", () => {
  it("come back from their name in the URL, whatever their key holds", () => {
    fc.assert(
      fc.property(column, (one) => {
        expect(parseColumn(columnId(one))).toEqual(one);
      }),
    );
  });

  it("change places with a neighbor, and stay at the ends", () => {
    expect(moveColumn(["a", "b", "c"], "b", -1)).toEqual(["b", "a", "c"]);
    expect(moveColumn(["a", "b", "c"], "b", 1)).toEqual(["a", "c", "b"]);
    expect(moveColumn(["a", "b"], "b", 1)).toEqual(["a", "b"]);
    expect(moveColumn(["a", "b"], "x", 1)).toEqual(["a", "b"]);
  });

  it("refuse names nobody wrote", () => {
    for (const id of ["", "x:lr", "m:mean:loss", "m:last:", "a:secret", "p:"]) {
      expect(parseColumn(id), id).toBeUndefined();
    }
  });

  it("are terms of the filter language", () => {
    const terms = [
      "m:last:loss",
      "m:best:val loss",
      "p:lr",
      "t:mlflow.user",
      "a:startTime",
      "a:experiment",
    ].map((id) => {
      const column = parseColumn(id);
      const field = column && columnField(column);
      return field && printField(field);
    });
    expect(terms).toEqual([
      "metrics.loss",
      "best(metrics.`val loss`)",
      "params.lr",
      "tags.mlflow.user",
      "start_time",
      null,
    ]);
  });

  it("show what most runs have when nobody chose, without the system's own measures", () => {
    const metrics = ["system/cpu", "a", "b"].map((name) => ({ key: name }));
    expect(defaultColumns({ metrics, params: [{ key: "lr" }] })).toEqual([
      "a:status",
      "a:startTime",
      "a:duration",
      "m:last:a",
      "m:last:b",
      "p:lr",
    ]);
  });

  it("keep their widths in the URL", () => {
    const widths = new Map([
      ["m:last:a=b", 180],
      ["p:lr", 60],
    ]);
    expect(parseWidths(printWidths(widths))).toEqual(widths);
    expect(parseWidths(["p:lr=x", "=3", "p:lr"])).toEqual(new Map());
  });
});
