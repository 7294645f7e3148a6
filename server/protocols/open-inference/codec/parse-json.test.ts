import fc from "fast-check";
import { expect, test } from "vitest";
import { JSON_DEPTH_MAX, parseProtocolJson } from "./parse-json";
import { ProtocolError } from "./protocol-error";

test("any JSON value reads back as JSON.parse would read it", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      const text = JSON.stringify(value);
      expect(withoutBigInts(parseProtocolJson(text))).toBe(JSON.stringify(JSON.parse(text)));
    }),
  );
});

function withoutBigInts(value: unknown): string {
  return JSON.stringify(value, (_key, inner) =>
    typeof inner === "bigint" ? Number(inner) : inner,
  );
}

test("integers of 64 bits are exact, shorter ones stay numbers", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), (value) => {
      const [parsed] = parseProtocolJson(`[${value}]`) as [number | bigint];
      expect(BigInt(parsed)).toBe(value);
      const safe = value >= -(2n ** 53n) + 1n && value <= 2n ** 53n - 1n;
      expect(typeof parsed).toBe(safe ? "number" : "bigint");
    }),
  );
});

test("floats with many digits stay floats", () => {
  const literals = ["0.12345678901234567", "12345678901234567.5", "12345678901234567890e1"];
  expect(parseProtocolJson(`[${literals.join(",")}]`)).toEqual(literals.map(Number));
});

test("bare NaN and Infinity become strings, except inside strings", () => {
  expect(parseProtocolJson('{"a":[NaN,Infinity,-Infinity,1],"b":"NaN, \\"Infinity"}')).toEqual({
    a: ["NaN", "Infinity", "-Infinity", 1],
    b: 'NaN, "Infinity',
  });
});

test(`nesting deeper than ${JSON_DEPTH_MAX} is refused however deep it is`, () => {
  const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
  expect(() => parseProtocolJson(nested(JSON_DEPTH_MAX))).not.toThrow();
  for (const depth of [JSON_DEPTH_MAX + 1, 250_000])
    expect(() => parseProtocolJson(nested(depth))).toThrow(/nested deeper/);
  expect(() => parseProtocolJson('{"ready":'.repeat(250_000))).toThrow(ProtocolError);
});

test("a name given twice in one object is refused, escaped or not", () => {
  expect(() => parseProtocolJson('{"inputs":1,"inputs":2}')).toThrow('the name "inputs" twice');
  expect(() => parseProtocolJson('{"a":1,"\\u0061":2}')).toThrow(/twice/);
  expect(parseProtocolJson('[{"a":{"a":"a"}},{"a":["a","a"]}]')).toEqual([
    { a: { a: "a" } },
    { a: ["a", "a"] },
  ]);
});

test("__proto__ is a name like any other and changes no prototype", () => {
  const parsed = parseProtocolJson('{"__proto__":{"polluted":true}}') as object;
  expect(Object.hasOwn(parsed, "__proto__")).toBe(true);
  expect("polluted" in {}).toBe(false);
});

test("text that is no JSON is refused with a ProtocolError, whatever it is", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200, unit: "binary" }), (text) => {
      try {
        parseProtocolJson(text);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
      }
    }),
  );
  for (const text of ["", "{", '{"a"', '"\\', "nul", "[1,]", "{'a':1}", "[NaN,]"])
    expect(() => parseProtocolJson(text)).toThrow(/not valid JSON/);
});
