/** Slices in dependency order: each may import only what stands left of it, through its index.ts. */
const SLICES = [
  ["kernel"],
  ["access", "audit"],
  ["limits"],
  ["artifacts"],
  ["datasets", "experiments"],
  ["registry"],
  ["webhooks"],
  ["training"],
  ["deployments"],
  ["predictions"],
  ["privacy"],
];

const order = SLICES.flatMap((group, index) =>
  group.map((slice) => {
    const right = SLICES.slice(index + 1).flat();
    return {
      name: `${slice}-imports-leftwards`,
      severity: "error",
      comment: `${slice} may not import ${right.join(", ")}: send an event, or register a hook that the right-hand slice fills.`,
      from: { path: `^server/${slice}/` },
      to: { path: right.length > 0 ? `^server/(${right.join("|")})/` : "^$" },
    };
  }),
);

const all = SLICES.flat()
  .filter((slice) => slice !== "kernel")
  .join("|");

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    {
      name: "no-cycles",
      severity: "error",
      comment: "Two files that need each other are one thought: merge or cut it.",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    ...order,
    {
      name: "through-the-index",
      severity: "error",
      comment:
        "Another slice is reached through its index.ts; constants.ts and schemas.ts are open too.",
      from: { path: `^server/(${all})/` },
      to: {
        path: `^server/(${all})/(?!index\\.ts|constants\\.ts|schemas\\.ts|require-permission\\.ts|api-key-format\\.ts|session-token\\.ts)`,
        pathNot: "^server/$1/",
      },
    },
    {
      name: "pages-know-no-server",
      severity: "error",
      comment:
        "Pages read through tRPC; only types, constants.ts, schemas.ts and pure rules of a slice may come in.",
      from: { path: "^(components|app/\\((workspace|auth)\\))" },
      to: {
        path: "^(server|db|inngest)/",
        pathNot:
          "/(constants|schemas|signature|metric-direction|evaluate-gates)\\.ts$|^server/experiments/filter/(language|parse-filter|print-filter|syntax)\\.ts$|^server/deployments/(replicas-of|roll-outs/plan|traffic/share-weights)\\.ts$",
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "pure-protocol-codec",
      severity: "error",
      comment: "The codec is pure: it imports nothing of ours.",
      from: { path: "^server/protocols/open-inference/codec/" },
      to: { path: "^(server/(?!protocols/open-inference/codec)|db|env)" },
    },
    {
      name: "executor-stands-alone",
      severity: "error",
      comment: "The embedded executor knows the SDK and Postgres, not the product.",
      from: { path: "^inngest/embedded/" },
      to: { path: "^server/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "\\.test\\.tsx?$" },
    tsConfig: { fileName: "tsconfig.json" },
    parser: "swc",
    enhancedResolveOptions: { extensions: [".ts", ".tsx", ".mjs", ".js", ".json"] },
  },
};
