import { registryRouter } from "@/server/registry/router";
import { router } from "./init";

export const appRouter = router({
  registry: registryRouter,
});

/** The type internal tools hand to @trpc/client. */
export type AppRouter = typeof appRouter;
