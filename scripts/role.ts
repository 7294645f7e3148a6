import { buildIfNeeded } from "./build";

/** `npm run web|worker|node`: one role alone, as containers run them. */
const role = process.argv[2] ?? "";
if (!["web", "worker", "node"].includes(role)) throw new Error("Name a role: web, worker or node.");
await buildIfNeeded();
await import(new URL(`../dist/${role}.mjs`, import.meta.url).href);
