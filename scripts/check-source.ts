import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Rules of the house that no linter knows: file length, verbs that forget permission or audit, raw SQL rooms. */
const FILE_LINES_MAX = 300;
/** Tests are lists of cases. */
const TEST_LINES_MAX = 400;

const files = execFileSync("git", ["ls-files", "*.ts", "*.tsx", "*.py"], { encoding: "utf8" })
  .split("\n")
  .filter((file) => file && !file.includes("migrations/"));

type Rule = (file: string, text: string) => string | undefined;

const isVerb = (file: string) =>
  /^server\/[\w-]+\/[\w-]+\.ts$/.test(file) && !/\.test\.ts$/.test(file);

const RULES: Rule[] = [
  (file, text) => {
    const lines = text.split("\n").length - 1;
    const most = file.includes("tests/") ? TEST_LINES_MAX : FILE_LINES_MAX;
    return lines > most ? `has ${lines} lines; ${most} are allowed: split it by verb` : undefined;
  },
  (file, text) =>
    isVerb(file) &&
    /^export async function \w+\(\s*ctx: Context/m.test(text) &&
    /withWorkspace\(ctx/.test(text) &&
    !/require(Permission|RunInScope|RunAccess)\(/.test(text)
      ? "opens a workspace transaction without requirePermission(ctx, …) first"
      : undefined,
  (file, text) =>
    isVerb(file) &&
    /requirePermission\(ctx, "[\w_]+:write"\)/.test(text) &&
    /tx\s*\.(insert|update|delete)\(/.test(text) &&
    !/recordAudit\(|not audited:/.test(text)
      ? "writes without recordAudit(tx, ctx, …); say `not audited: <why>` where that is meant"
      : undefined,
  (file, text) =>
    /^server\/[\w-]+\/(router|rest)\.ts$/.test(file) &&
    /from "(drizzle-orm|@\/db\/client|@\/db\/schema|pg)/.test(text)
      ? "is an adapter and may not know SQL: move it into a verb"
      : undefined,
  (file, text) =>
    /^(app|components)\//.test(file) && /from "@\/db\//.test(text)
      ? "is a page and may not reach the database: ask a verb through tRPC"
      : undefined,
  (file) =>
    /(^|\/)(utils|helpers|misc)(\/|\.)/.test(file) ? "has a name that says nothing" : undefined,
  (_file, text) =>
    /\bsql\.raw\(/.test(text) && !/inCurrentWorkspace|ownWorkspace/.test(text)
      ? "uses sql.raw: pass values as parameters"
      : undefined,
];

const broken = files.flatMap((file) => {
  const text = readFileSync(file, "utf8");
  return RULES.map((rule) => rule(file, text))
    .filter(Boolean)
    .map((message) => `${file} ${message}`);
});
if (broken.length > 0) {
  process.stderr.write(`${broken.join("\n")}\n`);
  process.exit(1);
}
