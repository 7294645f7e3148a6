import { createRequire, syncBuiltinESMExports } from "node:module";

type Call = (...parts: unknown[]) => unknown;

const WATCHED = [
  "open",
  "openSync",
  "readFile",
  "readFileSync",
  "writeFile",
  "writeFileSync",
  "appendFile",
  "createReadStream",
  "createWriteStream",
  "mkdir",
  "mkdirSync",
  "mkdtemp",
  "rename",
  "link",
  "symlink",
  "copyFile",
  "rm",
  "unlink",
  "readdir",
  "readlink",
  "chmod",
  "truncate",
];

/** Notes every path this process opens, makes, moves or removes, until `stop`. */
export function spyOnFiles(): { paths: Set<string>; stop: () => void } {
  const load = createRequire(import.meta.url);
  const modules = [load("node:fs"), load("node:fs/promises")] as Record<string, Call>[];
  const paths = new Set<string>();
  const undo: (() => void)[] = [];
  for (const module of modules) {
    for (const name of WATCHED) {
      const real = module[name];
      if (!real) continue;
      module[name] = function (this: unknown, ...parts: unknown[]) {
        for (const part of parts.slice(0, 2)) {
          if (typeof part === "string" && part.includes("/")) paths.add(part);
          if (part instanceof URL) paths.add(part.pathname);
        }
        return real.apply(this, parts);
      };
      undo.push(() => {
        module[name] = real;
      });
    }
  }
  syncBuiltinESMExports();
  const stop = () => {
    for (const one of undo) one();
    syncBuiltinESMExports();
  };
  return { paths, stop };
}
