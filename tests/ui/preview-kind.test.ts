import { describe, expect, it } from "vitest";
import {
  imageType,
  parseSeparated,
  previewKind,
  tableOfJson,
} from "@/components/experiments/artifacts/preview-kind";

describe("previews of artifacts", () => {
  it("show HTML and SVG as source, images as images, and binaries not at all", () => {
    const kinds = [
      "a/plot.PNG",
      "x.html",
      "x.svg",
      "card.md",
      "model/MLmodel",
      "m.pkl",
      "data.bin",
    ];
    expect(kinds.map(previewKind)).toEqual([
      "image",
      "text",
      "text",
      "markdown",
      "text",
      null,
      null,
    ]);
    expect(imageType("x.svg")).toBeUndefined();
  });

  it("read separated text with quotes, separators and lines inside fields", () => {
    const text = 'a,b\r\n"1,5","say ""hi"""\n"two\nlines",\n';
    expect(parseSeparated(text, ",")).toEqual({
      columns: ["a", "b"],
      rows: [
        ["1,5", 'say "hi"'],
        ["two\nlines", ""],
      ],
    });
    expect(parseSeparated("", ",")).toEqual({ columns: [], rows: [] });
  });

  it("know the tables MLflow logs from other JSON", () => {
    expect(tableOfJson({ columns: ["q", "n"], data: [["x", 1]] })).toEqual({
      columns: ["q", "n"],
      rows: [["x", "1"]],
    });
    for (const other of [null, 3, [], { columns: [] }, { columns: ["a"], data: [1] }]) {
      expect(tableOfJson(other)).toBeUndefined();
    }
  });
});
