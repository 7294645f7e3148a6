import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { profileTable } from "@/server/datasets/profile/profile-table";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "test-files-"));
  await mkdir(join(folder, "spill"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function profile(content: string | Buffer) {
  const path = join(folder, "file");
  await writeFile(path, content);
  const limits = { memoryMb: 512, spillMb: 256 };
  return profileTable({ path, spillFolder: join(folder, "spill"), fileName: "x.csv", ...limits });
}

const wide = (columns: number) => {
  const names = Array.from({ length: columns }, (_, i) => `c${i}`);
  return `${names.join(",")}\n${names.map(() => 1).join(",")}\n`;
};

function lateLatin1(): Buffer {
  const rows = "1,plain text\n".repeat(500_000);
  return Buffer.concat([Buffer.from(`a,b\n${rows}`), Buffer.from("2,caf\xe9\n", "latin1")]);
}

const bad: [string, string | Buffer, RegExp][] = [
  ["blank lines only", "\n\n  \n", /empty/],
  ["an empty header name", "a,,c\n1,2,3\n", /Column 2 has no name/],
  ["a delimiter too many in the header", "a,b,\n1,2,3\n", /Column 3 has no name/],
  ["one column over the limit", wide(2_001), /2001 columns/],
  ["a long row", "a,b\n1,2\n4,5,6\n", /Line 3 has 3 fields where the header has 2/],
  ["a quote never closed", 'a,b\n1,"2\n3,4\n', /quote/],
  ["text after a closing quote", 'a,b\n1,"2"x\n3,4\n', /quote|cannot be read/],
  ["line ends of two kinds", "a,b\r\n1,2\n3,4\r\n", /line ends/],
  ["a quote never closed in the header", '"a,b\n1,2\n', /quote|no rows/],
  ["UTF-16 text", Buffer.from("\ufeffa,b\n1,2\n", "utf16le"), /UTF-16/],
  ["latin-1 far into the file", lateLatin1(), /UTF-8/],
  ["JSON", '[{"a": 1},\n{"a": 2}]', /JSON/],
  ["a gzip", gzipSync("a,b\n1,2\n"), /compressed/],
  ["a ZIP or Excel file", Buffer.from("PK\x03\x04rest"), /Excel/],
  ["a PDF", "%PDF-1.7\na,b\n", /PDF/],
  ["a name with control characters", "a\u0007,b\n1,2\n", /Column 1/],
  ["a name that poisons objects", "__proto__,b\n1,2\n", /Column 1/],
  ["a name too long", `${"x".repeat(300)},b\n1,2\n`, /Column 1.*longer/],
];

it.each(bad)("refuses %s and says what to do", async (_what, content, words) => {
  await expect(profile(content)).rejects.toMatchObject({
    name: "UnreadableFile",
    message: expect.stringMatching(words),
  });
});

it("takes as many columns as the limit, and not one more", async () => {
  expect((await profile(wide(2_000))).columns).toHaveLength(2_000);
  await expect(profile(wide(2_001))).rejects.toThrow(/2001 columns/);
}, 120_000);

it("reads byte order marks, every line end and delimiter, and empty lines around and between", async () => {
  const shapes = [
    "\ufeffa,b\n1,x\n2,y\n",
    "a,b\r\n1,x\r\n2,y\r\n",
    "a;b\n1;x\n2;y",
    "a\tb\n1\tx\n2\ty\n",
    "a|b\n1|x\n2|y\n",
    '"a","b"\n"1","x"\n"2","y"\n',
    "a,b\r1,x\r2,y\r",
    "\n\na,b\n1,x\n\n2,y\n\n",
    "\ufeff\r\n\r\na,b\r\n1,x\r\n2,y",
  ];
  for (const content of shapes) {
    const { rows, columns } = await profile(content);
    const types = columns.map(({ name, type }) => [name, type]);
    expect({ content, rows, types }).toEqual({
      content,
      rows: 2,
      types: [
        ["a", "integer"],
        ["b", "text"],
      ],
    });
  }
});

it("takes for a number, a date or a boolean only what is one in full", async () => {
  const texts = [
    "1_000",
    "0x1F",
    "1,5",
    "2024-02-30",
    "2024-01-01T25:00",
    "01/02/2024",
    "yes",
    "1e",
  ];
  for (const one of texts) {
    const { columns } = await profile(`key,a\nk,"${one}"\n`);
    expect({ one, type: columns[1]?.type }).toEqual({ one, type: "text" });
  }
  const kinds = { "+5": "integer", "007": "integer", "-1.5e3": "number", ".5": "number" };
  const more = {
    "99999999999999999999": "number",
    TRUE: "boolean",
    "2024-01-01 10:00": "timestamp",
  };
  for (const [one, type] of Object.entries({ ...kinds, ...more })) {
    const { columns } = await profile(`key,a\nk,${one}\n`);
    expect({ one, type: columns[1]?.type }).toEqual({ one, type });
  }
});
