import { readFile, writeFile } from "node:fs/promises";
import { createOpenApi } from "@/server/protocols/rest/openapi";
import { restRoutes } from "@/server/protocols/rest/routes";

/** Writes public/openapi.json; with --check fails when the file differs from the contracts. */
const path = "public/openapi.json";
const text = `${JSON.stringify(createOpenApi(restRoutes), null, 2)}\n`;
if (process.argv.includes("--check")) {
  const present = await readFile(path, "utf8").catch(() => "");
  if (present !== text) {
    process.stderr.write(`${path} differs from the contracts: run npm run openapi.\n`);
    process.exit(1);
  }
} else {
  await writeFile(path, text);
}
