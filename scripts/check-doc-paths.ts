import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Every path a Markdown file cites in backticks or links must exist. */
const ROOMS =
  /^(app|server|db|components|inngest|trainers|deploy|bench|scripts|tests|public|docs)\/[\w.()[\]/-]+$/;

/** `inngest/edge` is an entry of an installed package. */
const isPackage = (path: string): boolean =>
  existsSync(join("node_modules", path.split("/")[0] ?? "", "package.json")) &&
  path.split("/").length === 2 &&
  !/\./.test(path);

const files = execFileSync("git", ["ls-files", "*.md", "**/*.md"], { encoding: "utf8" })
  .split("\n")
  .filter(Boolean);
const missing: string[] = [];
for (const file of files) {
  const text = readFileSync(file, "utf8").replaceAll(/```[\s\S]*?```/g, "");
  const cited = [...text.matchAll(/`([^`\s]+)`/g)]
    .map((m) => m[1] ?? "")
    .filter((path) => ROOMS.test(path));
  const linked = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map((m) =>
    join(dirname(file), m[1] ?? ""),
  );
  for (const path of [...cited, ...linked]) {
    const places = [path, join(dirname(file), path), join("node_modules", path)];
    // A folder of trainers/ is meant from there; a package path is meant in node_modules.
    if (!places.some((place) => existsSync(place.replace(/\/$/, ""))) && !isPackage(path)) {
      missing.push(`${file}: ${path}`);
    }
  }
}
if (missing.length > 0) {
  process.stderr.write(`Documents cite paths that do not exist:\n${missing.join("\n")}\n`);
  process.exit(1);
}
