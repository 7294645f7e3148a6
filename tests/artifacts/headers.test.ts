import fc from "fast-check";
import { expect, it } from "vitest";
import { attachment } from "@/server/artifacts";
import { parseByteRange } from "@/server/artifacts/byte-range";

it("reads a range only within the content", () => {
  const digits = fc.option(fc.nat({ max: 300 }), { nil: undefined });
  fc.assert(
    fc.property(digits, digits, fc.nat({ max: 200 }), (first, last, size) => {
      const range = parseByteRange(`bytes=${first ?? ""}-${last ?? ""}`, size);
      if (range === undefined || range === "unsatisfiable") return;
      expect(range.start).toBeGreaterThanOrEqual(0);
      expect(range.end).toBeGreaterThanOrEqual(range.start);
      expect(range.end).toBeLessThan(size);
    }),
  );
});

it("makes an attachment header of any name, in plain ASCII, on one line, without folders", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (name) => {
      const header = attachment(name);
      expect(header).toMatch(
        /^attachment; filename="[A-Za-z0-9 ._-]+"; filename\*=UTF-8''[A-Za-z0-9._~%$&+^`|#-]+$/,
      );
      expect(() => new Headers({ "content-disposition": header })).not.toThrow();
    }),
  );
  expect(attachment("../../etc/passwd")).toContain('filename="passwd"');
  expect(attachment("C:\\evil\\x.exe")).toContain('filename="x.exe"');
  expect(attachment("..")).toContain('filename="download"');
});
