import fc from "fast-check";
import { expect, it } from "vitest";
import {
  compareSemanticVersions,
  nextSemanticVersion,
  PARTS,
  parseSemanticVersion,
  printSemanticVersion,
  type SemanticVersion,
} from "./semantic-version";

const parse = (text: string): SemanticVersion => {
  const version = parseSemanticVersion(text);
  if (!version) throw new Error(`${text} is no semantic version`);
  return version;
};

// The order semver.org 2.0.0 gives in item 11.
const ORDERED = [
  "0.0.0",
  "1.0.0-alpha",
  "1.0.0-alpha.1",
  "1.0.0-alpha.beta",
  "1.0.0-beta",
  "1.0.0-beta.2",
  "1.0.0-beta.11",
  "1.0.0-rc.1",
  "1.0.0",
  "2.0.0",
  "2.1.0",
  "2.1.1",
  "10.0.0",
];

it("orders versions as semver.org does", () => {
  const shuffled = fc.sample(fc.shuffledSubarray(ORDERED, { minLength: ORDERED.length }), 20);
  for (const list of shuffled) {
    const sorted = list.map(parse).toSorted(compareSemanticVersions).map(printSemanticVersion);
    expect(sorted).toEqual(ORDERED);
  }
});

it("refuses what semver.org calls invalid, and build metadata", () => {
  const bad = ["1", "1.2", "1.2.3.4", "01.1.1", "1.01.1", "1.1.01", "v1.2.3", "1.2.3-", "1.2.3-01"];
  bad.push("1.2.3-a..b", "1.2.3+build", "1.2.3 ", "-1.0.0", "1.2.3-é", "9999999999.0.0");
  bad.push(`1.2.3-${"a".repeat(100)}`, "", "1.2.3\n");
  for (const text of bad) expect([text, parseSemanticVersion(text)]).toEqual([text, undefined]);
});

it.each([
  [undefined, "0.0.1", "0.1.0", "1.0.0"],
  ["1.2.3", "1.2.4", "1.3.0", "2.0.0"],
  ["1.2.3-rc.1", "1.2.3", "1.3.0", "2.0.0"],
  ["1.3.0-rc.1", "1.3.0", "1.3.0", "2.0.0"],
  ["2.0.0-rc.1", "2.0.0", "2.0.0", "2.0.0"],
])("after %s come %s, %s and %s", (newest, ...expected) => {
  const after = PARTS.map((part) =>
    printSemanticVersion(nextSemanticVersion(newest ? parse(newest) : undefined, part)),
  );
  expect(after).toEqual(expected);
});

const identifier = fc.oneof(
  fc.nat().map(String),
  fc.stringMatching(/^[a-zA-Z-][0-9a-zA-Z-]{0,5}$/),
);
const version = fc.record({
  major: fc.nat(99),
  minor: fc.nat(99),
  patch: fc.nat(99),
  prerelease: fc.array(identifier, { maxLength: 3 }),
});

it("reads back what it prints, and what comes next is always newer", () => {
  fc.assert(
    fc.property(version, fc.constantFrom(...PARTS), (one, part) => {
      expect(parse(printSemanticVersion(one))).toEqual(one);
      expect(compareSemanticVersions(nextSemanticVersion(one, part), one)).toBeGreaterThan(0);
    }),
  );
});
