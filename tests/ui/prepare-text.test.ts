import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { diffValues } from "@/components/access/diff-values";
import { nameFromFile } from "@/components/datasets/upload-file";
import { exampleRow, niceStep } from "@/components/predictions/feature-values";
import { snippetOf } from "@/components/predictions/snippet-text";
import { parseTags, tagsText } from "@/components/registry/parse-tags";
import { guessTask } from "@/components/training/guess-task";
import { tidyLog } from "@/components/training/tidy-log";
import {
  formatBytes,
  formatMetric,
  formatMs,
  formatPlural,
  formatRelative,
  loggedText,
} from "@/components/ui/format";
import type { Signature } from "@/server/protocols/open-inference/codec/signature";

const feature = (name: string, rest: object) => ({
  name,
  type: "number",
  nullable: false,
  ...rest,
});
const signature = {
  task: "regression",
  features: [
    feature("size", { min: 0, max: 20, mean: 8.123456789 }),
    feature("city", { type: "category", categories: ["Bern"] }),
    feature("heated", { type: "boolean" }),
  ],
} as unknown as Signature;

describe("the playground", () => {
  it("starts with the example of the version, however the trainer wrapped it", () => {
    const row = { size: 3, city: "Chur", heated: null };
    for (const example of [row, [row], { input: row }, { inputs: [row] }]) {
      expect(exampleRow(signature, example)).toEqual(row);
    }
  });

  it("fills what the example lacks from the signature", () => {
    expect(exampleRow(signature, null)).toEqual({ size: 8.12346, city: "Bern", heated: false });
  });

  it("steps by about a hundredth of the range that training saw", () => {
    const [size] = signature.features;
    expect(size && niceStep(size)).toBe(0.2);
  });

  it("writes a curl command whose body survives the shell", () => {
    const input = { "it's": 'a "b" $HOME `x`', n: 0.1, none: null };
    const command = snippetOf("curl", { url: "http://x", input });
    const body = command.slice(command.indexOf("-d ") + 3);
    const printed = execFileSync("sh", ["-c", `printf %s ${body}`]).toString();
    expect(JSON.parse(printed)).toEqual({ input });
  });

  it("writes Python with Python's own words", () => {
    const text = snippetOf("python", { url: "http://x", input: { a: null, b: true, c: "d" } });
    expect(text).toContain('"a": None,');
    expect(text).toContain('"b": True,');
  });
});

describe("text", () => {
  it("of a log is what a terminal would show", () => {
    expect(tidyLog("10%\r50%\r100%\r\n\u001b[31mred\u001b[0m\nend")).toBe("100%\nred\nend");
  });

  it("of a change names each differing leaf once", () => {
    expect(diffValues({ a: { b: 1 }, same: [1] }, { a: { b: 2 }, same: [1], c: "x" })).toEqual([
      { path: "a.b", before: "1", after: "2" },
      { path: "c", before: undefined, after: "x" },
    ]);
  });

  it("of tags reads back as it was written", () => {
    const tags = { team: "risk", urgent: "", url: "a=b" };
    expect(parseTags(tagsText(tags))).toEqual(tags);
  });

  it("of a file name becomes a name the server takes", () => {
    expect(nameFromFile("My data (1)..final.csv")).toBe("My data 1 final");
    expect(nameFromFile("__prices.parquet")).toBe("prices");
  });

  it("of numbers keeps what matters", () => {
    expect([0.97321, 0, 1234567, 0.00001234, null].map(formatMetric)).toEqual([
      "0.9732",
      "0",
      "1.23e+6",
      "1.23e-5",
      "–",
    ]);
    expect([0.00012, -0.001234, 0.01].map(formatMetric)).toEqual([
      "0.00012",
      "-0.001234",
      "0.0100",
    ]);
    expect([Infinity, -Number.MAX_VALUE, Number.NaN].map(formatMetric)).toEqual(["∞", "−∞", "–"]);
    expect([null, undefined, 0.5].map(loggedText)).toEqual(["NaN", "–", "0.5000"]);
    expect([0, 1, 1500].map((count) => formatPlural(count, "run"))).toEqual([
      "0 runs",
      "1 run",
      "1,500 runs",
    ]);
    expect([0.4213, 12.34, 234.4, 1234].map(formatMs)).toEqual([
      "0.42 ms",
      "12.3 ms",
      "234 ms",
      "1.23 s",
    ]);
    expect([9.999, 99.97, 999.7, 9_999].map(formatMs)).toEqual([
      "10.0 ms",
      "100 ms",
      "1.00 s",
      "10.0 s",
    ]);
    expect([12, 2048, 3 * 1024 ** 3].map(formatBytes)).toEqual(["12 B", "2.0 KiB", "3.0 GiB"]);
    expect(formatRelative(0, 120_000)).toBe("2m ago");
  });
});

it("the task of a target is guessed as a person would", () => {
  expect(guessTask({ type: "text", distinct: 3 })).toBe("classification");
  expect(guessTask({ type: "integer", distinct: 2 })).toBe("classification");
  expect(guessTask({ type: "integer", distinct: 500 })).toBe("regression");
  expect(guessTask({ type: "number", distinct: 900 })).toBe("regression");
});
