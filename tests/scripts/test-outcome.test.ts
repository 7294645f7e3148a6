import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Outcome,
  outcomeOfPlaywright,
  outcomeOfPytest,
  outcomeOfVitest,
  runAgain,
} from "@/scripts/test-outcome";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "outcome-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(text: string): string {
  const path = join(folder, `${Math.random()}`);
  writeFileSync(path, text);
  return path;
}

const failure = (name: string) => ({ name, file: "a.test.ts", message: "no" });
const outcome = (failures: Outcome["failures"], passed = 10): Outcome => ({
  passed,
  failures,
  unsteady: [],
});

describe("what a suite's report says", () => {
  it("vitest: failed tests by name, and a file that does not load as one failure", () => {
    const report = file(
      JSON.stringify({
        numPassedTests: 3,
        testResults: [
          {
            name: join(process.cwd(), "a.test.ts"),
            status: "failed",
            message: "",
            assertionResults: [
              { fullName: "adds", status: "passed" },
              { fullName: "takes away", status: "failed", failureMessages: ["no\n at line"] },
            ],
          },
          { name: "b.test.ts", status: "failed", message: "cannot load", assertionResults: [] },
        ],
      }),
    );
    expect(outcomeOfVitest(report)).toEqual({
      passed: 3,
      failures: [
        { name: "takes away", file: "a.test.ts", message: "no" },
        { name: "(file)", file: "b.test.ts", message: "cannot load" },
      ],
      unsteady: [],
    });
  });

  it("pytest: passed, skipped and failed cases", () => {
    const report = file(
      `<testsuites><testsuite><testcase classname="t" name="a" time="0.1" />` +
        `<testcase classname="t" name="b"><skipped message="later" /></testcase>` +
        `<testcase classname="t" name="c"><failure message="x &lt; y&#10;more">…</failure></testcase>` +
        `</testsuite></testsuites>`,
    );
    expect(outcomeOfPytest(report)).toEqual({
      passed: 1,
      failures: [{ name: "c", file: "t", message: "x &lt; y" }],
      unsteady: [],
    });
  });

  it("playwright: what passed only when run again is unsteady, not failed", () => {
    const spec = (title: string, status: string) => ({
      title,
      file: "x.spec.ts",
      tests: [{ status, results: [{ error: { message: "late\nmore" } }, {}] }],
    });
    const report = file(
      JSON.stringify({
        stats: { expected: 4, flaky: 1, unexpected: 1 },
        suites: [
          { title: "x", suites: [{ title: "y", specs: [spec("one", "flaky")] }] },
          { title: "z", specs: [spec("two", "unexpected"), spec("three", "expected")] },
        ],
      }),
    );
    expect(outcomeOfPlaywright(report)).toEqual({
      passed: 5,
      failures: [{ name: "two", file: "x.spec.ts", message: "late" }],
      unsteady: [{ name: "one", file: "x.spec.ts", message: "late" }],
    });
  });
});

describe("failures run once more", () => {
  it("count as passed, and are named, when they pass alone", () => {
    const files: string[][] = [];
    const second = runAgain(outcome([failure("one"), failure("two")]), (again) => {
      files.push(again);
      return outcome([failure("two")], 1);
    });
    expect(files).toEqual([["a.test.ts"]]);
    expect(second).toEqual({ passed: 11, failures: [failure("two")], unsteady: [failure("one")] });
  });

  it("are not run again when they are many, or when the runner itself broke", () => {
    const never = () => {
      throw new Error("ran again");
    };
    const many = outcome(["1", "2", "3", "4", "5", "6"].map(failure));
    expect(runAgain(many, never)).toBe(many);
    const broken = outcome([{ name: "suite", file: "", message: "ended" }]);
    expect(runAgain(broken, never)).toBe(broken);
  });

  it("stay failed when the second run breaks", () => {
    const broken = { name: "again", file: "", message: "the runner ended with 1" };
    const second = runAgain(outcome([failure("one")]), () => outcome([broken], 0));
    expect(second.failures).toEqual([broken]);
  });
});
