import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileExpression, ExpressionError, evaluate } from "@/inngest/embedded/expression";
import { equalityOf, textLeaves } from "@/inngest/embedded/expression-equality";

const event = {
  name: "e",
  data: {
    n: 5,
    zero: 0,
    text: "Hello",
    empty: "",
    list: [1, 2, 3],
    nested: { a: { b: "deep" } },
    yes: true,
    nothing: null,
    json: '{"k":[1]}',
    b64: "aGk=",
    at: "2026-01-02T03:04:05Z",
  },
};
const of = (text: string) => evaluate(compileExpression(text, ["event", "async"]), { event });

describe("expressions", () => {
  it.each([
    ["event.data.missing == null", true],
    ["event.data.missing.deeper == null", true],
    ["event.data.missing != 'a'", true],
    ["event.data.missing > 1", false],
    ["event.data.missing <= 1", false],
    ["event.data.missing.startsWith('a')", false],
    ["event.data.nothing == null", true],
    ["!event.data.missing", true],
    ["async.data.x == null", true],
    ["event.data.__proto__ == null", true],
    ["event.data.constructor == null", true],
  ])("treats a missing field as null: %s", (text, value) => expect(of(text)).toBe(value));

  it.each([
    ["event.data.n == 5", true],
    ["event.data.n == 5.0", true],
    ["event.data.n == '5'", false],
    ["event.data.n > '4'", false],
    ["event.data.text > 'Goodbye'", true],
    ["event.data.n + 1 * 2 - 4 / 2", 5],
    ["event.data.n % 2", 1],
    ["event.data.n / 0", null],
    ["event.data.text + ' you'", "Hello you"],
    ["-event.data.n", -5],
    ["event.data.list == [1, 2, 3]", true],
    ["event.data.nested == event.data.nested", true],
  ])("compares and computes: %s", (text, value) => expect(of(text)).toBe(value));

  it.each([
    ["event.data.zero || event.data.empty", false],
    ["event.data.text && event.data.n", true],
    ["event.data.plan == 'pro' ? 120 : 0", 0],
    ["event.data.n in [4, 5]", true],
    ["'b' in event.data.nested.a", true],
    ["event.data['text'] == 'Hello'", true],
    ["event.data.list[1]", 2],
    ["event.data.list[9] == null", true],
    ["has(event.data.n) && !has(event.data.m)", true],
    ["event.data.list.exists(x, x > 2)", true],
    ["event.data.list.all(x, x > 2)", false],
    ["event.data.missing.exists(x, x > 2)", false],
    ["size(event.data.list.filter(x, x > 1))", 2],
  ])("has JavaScript's truth, lists and macros: %s", (text, value) => expect(of(text)).toBe(value));

  it.each([
    ["lowercase(event.data.text)", "hello"],
    ["event.data.text.uppercase()", "HELLO"],
    ["event.data.text.startsWith('He') && event.data.text.endsWith('lo')", true],
    ["event.data.text.contains('ell')", true],
    ["size(event.data.text)", 5],
    ["int('12') + 1", 13],
    ["string(event.data.n)", "5"],
    ["b64decode(event.data.b64)", "hi"],
    ["json_parse(event.data.json).k[0]", 1],
    ["json_parse('{').k == null", true],
    ["date(event.data.at) < now()", true],
    ["now_minus('1h') < now() && now_plus('1h') > now()", true],
    ["date('never') == null", true],
  ])("knows the functions of the dialect: %s", (text, value) => expect(of(text)).toBe(value));

  it.each([
    ["event.data.", /Expected|Unexpected/],
    ["nobody.data == 1", /"nobody" is unknown/],
    ["event.data.text.matches('a+')", /"matches" is not supported/],
    ["{'a': 1}.a == 1", /not supported/],
    ["size(1, 2)", /takes 1 values/],
    ["b'ab' == event.data.text", /bytes/],
    ["constructor(event)", /not supported/],
    [`event.data.n == ${"1".repeat(5000)}`, /longer than/],
  ])("refuses what is outside the subset: %s", (text, message) => {
    expect(() => compileExpression(text, ["event"])).toThrow(ExpressionError);
    expect(() => compileExpression(text, ["event"])).toThrow(message);
  });

  it("never throws on any event", () => {
    const expressions = [
      "event.data.a.b.c == event.data.b && event.data.a > 1 || !event.data.c",
      "event.data.a + event.data.b * 2 - event.data.c",
      "event.data.a.exists(x, x.y == 1) || event.data.b.map(x, x + 1) == [2]",
      "lowercase(event.data.a) + string(event.data.b) + b64decode(event.data.c)",
      "size(event.data.a) + int(event.data.b) + date(event.data.c)",
      "event.data.a in event.data.b || json_parse(event.data.a).b in event.data.c",
      "event.data[event.data.a] == event.data.b[event.data.c]",
    ].map((text) => compileExpression(text, ["event"]));
    const data = fc.dictionary(fc.constantFrom("a", "b", "c"), fc.jsonValue());
    fc.assert(
      fc.property(data, (values) => {
        for (const each of expressions) evaluate(each, { event: { data: values } });
      }),
    );
  });
});

describe("the coarse filter of waits", () => {
  it.each([
    ["async.data.id == event.data.text", "data.id=Hello"],
    ["event.data.text == async.data.id", "data.id=Hello"],
    ["async.data.ok && async.data.id == 'x'", "data.id=x"],
    ["async.data.id == 'x' || async.data.ok", null],
    ["async.data.n == event.data.n", null],
    ["async.data.id != 'x'", null],
    ["async.data.id == event.data.missing", null],
  ])("finds a condition that must hold: %s", (text, equality) =>
    expect(equalityOf(text, event)).toBe(equality),
  );

  it("never leaves out an event that matches", () => {
    const word = fc.constantFrom("a", "b", "\u0000", "=", "x".repeat(600));
    const data = fc.dictionary(fc.constantFrom("p", "q"), fc.oneof(word, fc.jsonValue()));
    const expressions = [
      "async.data.p == event.data.p",
      "async.data.q == event.data.p && async.data.p == event.data.q",
      "async.data.p == 'a' && true",
      "async.data.p == event.data.q || async.data.q == 'b'",
    ];
    fc.assert(
      fc.property(data, data, fc.constantFrom(...expressions), (own, arriving, text) => {
        const compiled = compileExpression(text, ["event", "async"]);
        const scope = { event: { data: own }, async: { data: arriving } };
        if (evaluate(compiled, scope) !== true) return;
        const equality = equalityOf(text, scope.event);
        const leaves = textLeaves(scope.async);
        expect(equality === null || leaves === null || leaves.includes(equality)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
