import type { inferRouterOutputs } from "@trpc/server";
import type { AppRouter } from "@/server/trpc/root";

/** What each procedure answers, as it arrives in the browser after JSON. */
export type Outputs = inferRouterOutputs<AppRouter>;

export type ModelVersion = Outputs["registry"]["getVersion"];
export type VersionSummary = Outputs["registry"]["listVersions"]["items"][number];
export type PredictionEntry = Outputs["predictions"]["listRecent"]["items"][number];
