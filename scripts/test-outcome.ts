import { readFileSync } from "node:fs";
import { relative } from "node:path";

export interface Failure {
  name: string;
  file: string;
  /** The first line of what went wrong. */
  message: string;
}

export interface Outcome {
  passed: number;
  failures: Failure[];
  /** Failed once and passed alone. */
  unsteady: Failure[];
}

/** More failures than these are no accident of a busy machine. */
const ACCIDENTS = 5;

const ESCAPES = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g");
const firstLine = (text: string | undefined): string =>
  (text ?? "").replace(ESCAPES, "").split("\n", 1)[0]?.slice(0, 300) ?? "";

interface VitestReport {
  numPassedTests: number;
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: { fullName: string; status: string; failureMessages?: string[] }[];
  }[];
}

/** What vitest's JSON report says; a file that could not be loaded is one failure. */
export function outcomeOfVitest(report: string): Outcome {
  const { numPassedTests, testResults } = JSON.parse(readFileSync(report, "utf8")) as VitestReport;
  const failures = testResults
    .filter(({ status }) => status === "failed")
    .flatMap(({ name, message, assertionResults }) => {
      const file = relative(process.cwd(), name);
      const failed = assertionResults
        .filter(({ status }) => status === "failed")
        .map((one) => ({
          name: one.fullName,
          file,
          message: firstLine(one.failureMessages?.[0]),
        }));
      return failed.length > 0 ? failed : [{ name: "(file)", file, message: firstLine(message) }];
    });
  return { passed: numPassedTests, failures, unsteady: [] };
}

/** Runs the files of few failures again; what passes then counts as passed and is named. */
export function runAgain(outcome: Outcome, again: (files: string[]) => Outcome): Outcome {
  const files = [...new Set(outcome.failures.map(({ file }) => file))].filter(Boolean);
  if (files.length === 0 || outcome.failures.length > ACCIDENTS) return outcome;
  const second = again(files);
  const key = ({ file, name }: Failure) => `${file} ${name}`;
  const still = new Set(second.failures.map(key));
  const unsteady = outcome.failures.filter((one) => !still.has(key(one)));
  return { passed: outcome.passed + unsteady.length, failures: second.failures, unsteady };
}

export function outcomeOfPytest(report: string): Outcome {
  const text = readFileSync(report, "utf8");
  const cases = [...text.matchAll(/<testcase ([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)];
  const attribute = (of: string, name: string) =>
    new RegExp(`\\b${name}="([^"]*)"`).exec(of)?.[1] ?? "";
  const failures = cases.flatMap(([, head = "", body = ""]) => {
    const failed = /<(?:failure|error) ([^>]*)>/.exec(body)?.[1];
    if (failed === undefined) return [];
    return [
      {
        name: attribute(head, "name"),
        file: attribute(head, "classname"),
        message: firstLine(attribute(failed, "message").split("&#10;", 1)[0]),
      },
    ];
  });
  const skipped = cases.filter(([, , body = ""]) => body.includes("<skipped")).length;
  return { passed: cases.length - failures.length - skipped, failures, unsteady: [] };
}

interface PlaywrightSuite {
  title: string;
  file?: string;
  suites?: PlaywrightSuite[];
  specs?: {
    title: string;
    file: string;
    tests: { status: string; results: { error?: { message?: string } }[] }[];
  }[];
}

/** What Playwright's JSON report says; it has run failures again itself. */
export function outcomeOfPlaywright(report: string): Outcome {
  const { suites, stats } = JSON.parse(readFileSync(report, "utf8")) as {
    suites: PlaywrightSuite[];
    stats: { expected: number; flaky: number };
  };
  const specs = (suite: PlaywrightSuite): NonNullable<PlaywrightSuite["specs"]> => [
    ...(suite.specs ?? []),
    ...(suite.suites ?? []).flatMap(specs),
  ];
  const of = (wanted: string): Failure[] =>
    suites.flatMap(specs).flatMap(({ title, file, tests }) =>
      tests
        .filter(({ status }) => status === wanted)
        .map(({ results }) => ({
          name: title,
          file,
          message: firstLine(results.find(({ error }) => error)?.error?.message),
        })),
    );
  return {
    passed: stats.expected + stats.flaky,
    failures: of("unexpected"),
    unsteady: of("flaky"),
  };
}
