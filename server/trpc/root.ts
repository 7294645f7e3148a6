import { accessRouter } from "@/server/access/router";
import { datasetsRouter } from "@/server/datasets/router";
import { liveRouter } from "@/server/live/router";
import { registryRouter } from "@/server/registry/router";
import { router } from "./init";

export const appRouter = router({
  access: accessRouter,
  datasets: datasetsRouter,
  live: liveRouter,
  registry: registryRouter,
});

/** The type internal tools hand to @trpc/client. */
export type AppRouter = typeof appRouter;
