import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { binEdges } from "@/server/datasets/profile/bin-edges";
import { parseRecords } from "@/server/datasets/profile/parse-records";
import { profileTable } from "@/server/datasets/profile/profile-table";
import { readDialect } from "@/server/datasets/profile/read-dialect";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "test-csv-"));
  await mkdir(join(folder, "spill"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function profile(content: string) {
  const path = join(folder, "file");
  await writeFile(path, content);
  const limits = { memoryMb: 256, spillMb: 256 };
  return profileTable({ path, spillFolder: join(folder, "spill"), fileName: "x.csv", ...limits });
}

const DELIMITERS = [",", ";", "\t", "|"];
const BREAKS = ["\n", "\r\n"];

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
/** Letters that no type but text has, and that are no word for a missing value. */
const word = fc
  .string({
    unit: fc.constantFrom("x", "y", "é", "漢", " ", '"', ",", ";", "\t", "|", "\n", "\r\n", "😀"),
  })
  .map((text) => `w${text}w`);
const cell = fc.record({ text: word, missing: fc.boolean() });
const table = fc.integer({ min: 1, max: 5 }).chain((width) =>
  fc.record({
    width: fc.constant(width),
    rows: fc.array(fc.array(cell, { minLength: width, maxLength: width }), {
      minLength: 1,
      maxLength: 30,
    }),
    delimiter: fc.constantFrom(...DELIMITERS),
    lineBreak: fc.constantFrom(...BREAKS),
    lastBreak: fc.boolean(),
    mark: fc.boolean(),
  }),
);

it("counts every row, missing and distinct value of any quoted table, and previews it unchanged", async () => {
  await fc.assert(
    fc.asyncProperty(table, async ({ width, rows, delimiter, lineBreak, lastBreak, mark }) => {
      const names = Array.from({ length: width }, (_, i) => `column ${i}`);
      // A key column keeps a row of missing values from being an empty line.
      const lines = [
        ["key", ...names].join(delimiter),
        ...rows.map((row, n) =>
          [`k${n}`, ...row.map(({ text, missing }) => (missing ? "" : quoted(text)))].join(
            delimiter,
          ),
        ),
      ];
      const content = `${mark ? "\ufeff" : ""}${lines.join(lineBreak)}${lastBreak ? lineBreak : ""}`;
      const found = await profile(content);
      expect(found.rows).toBe(rows.length);
      expect(found.delimiter).toBe(delimiter);
      expect(found.columns.map(({ name }) => name)).toEqual(["key", ...names]);
      expect(found.preview).toEqual(
        rows.map((row, n) => [`k${n}`, ...row.map(({ text, missing }) => (missing ? null : text))]),
      );
      for (const [i, column] of found.columns.slice(1).entries()) {
        const texts = rows.flatMap((row) => (row[i]?.missing ? [] : [row[i]?.text]));
        expect(column.nullCount).toBe(rows.length - texts.length);
        expect(column.distinct).toBe(new Set(texts).size);
      }
    }),
    { numRuns: 60 },
  );
}, 120_000);

it("finds mean, bounds and a histogram that holds every number once", async () => {
  const number = fc.oneof(
    fc.integer({ min: -1000, max: 1000 }),
    fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.option(number, { nil: null }), { minLength: 1, maxLength: 60 }),
      async (values) => {
        const lines = values.map((value, i) => `r${i},${value ?? ""}`);
        const found = await profile(`key,n\n${lines.join("\n")}\n`);
        const column = found.columns[1];
        const known = values.filter((value) => value !== null).map((value) => value + 0);
        if (known.length === 0) {
          expect(column).toMatchObject({ type: "text", distinct: 0 });
          return;
        }
        expect(column?.nullCount).toBe(values.length - known.length);
        expect(column?.min).toBeCloseTo(Math.min(...known), 9);
        expect(column?.max).toBeCloseTo(Math.max(...known), 9);
        expect(column?.mean).toBeCloseTo(known.reduce((sum, x) => sum + x, 0) / known.length, 6);
        const { edges = [], counts = [] } = column?.histogram ?? {};
        expect(counts.reduce((sum, n) => sum + n, 0)).toBe(known.length);
        expect(edges).toHaveLength(counts.length + 1);
        expect(edges[0]).toBeLessThanOrEqual(Math.min(...known));
        expect(edges.at(-1)).toBeGreaterThanOrEqual(Math.max(...known));
      },
    ),
    { numRuns: 60 },
  );
}, 120_000);

it("keeps bins within their number, equal in width, and whole for whole numbers", () => {
  fc.assert(
    fc.property(fc.integer(), fc.nat(), fc.nat({ max: 1e6 }), (min, span, values) => {
      const bins = binEdges(min, min + span, values + 1, true);
      expect(bins).not.toBeNull();
      if (!bins) return;
      expect(bins.count).toBeGreaterThanOrEqual(1);
      expect(bins.count).toBeLessThanOrEqual(30);
      expect(Number.isInteger(bins.width)).toBe(true);
      expect(bins.start + bins.count * bins.width).toBeGreaterThanOrEqual(min + span);
    }),
  );
});

it("parses what was written, whatever the text", () => {
  const field = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r", "b", " ") });
  fc.assert(
    fc.property(
      fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { minLength: 1 }),
      (records) => {
        const text = records.map((record) => record.map(quoted).join(",")).join("\r\n");
        expect(parseRecords(text, ",", 1_000, true).records).toEqual(records);
      },
    ),
  );
});

it("never throws anything but a refusal at random bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, whole) => {
      try {
        expect(readDialect(Buffer.from(bytes), whole).names.length).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toMatchObject({ name: "UnreadableFile" });
      }
    }),
    { numRuns: 2_000 },
  );
});
