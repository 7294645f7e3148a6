import fc from "fast-check";
import { expect, it } from "vitest";
import { toLogText, wholeCharacters } from "@/server/training/queue/log-text";

it("makes text of any bytes, of the same length in bytes and without what Postgres cannot hold", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (raw) => {
      const text = toLogText(Buffer.from(raw));
      expect(Buffer.byteLength(text)).toBe(raw.length);
      expect(text).not.toContain("\0");
      expect(text).not.toContain("\ufffd");
    }),
  );
});

it("changes no text that is text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const clean = text.replaceAll("\0", "").toWellFormed().replaceAll("\ufffd", "");
      expect(toLogText(Buffer.from(clean))).toBe(clean);
    }),
  );
});

it("cuts a stream of text at any byte without breaking a character", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.nat(), (text, at) => {
      const bytes = Buffer.from(text);
      const cut = bytes.subarray(0, at % (bytes.length + 1));
      const whole = wholeCharacters(cut);
      expect(cut.length - whole).toBeLessThanOrEqual(3);
      const joined = toLogText(bytes.subarray(0, whole)) + toLogText(bytes.subarray(whole));
      expect(joined).toBe(text.replaceAll("\0", "?"));
    }),
  );
});
