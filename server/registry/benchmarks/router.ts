import { procedure } from "@/server/trpc/init";
import { createBenchmark } from "./create-benchmark";
import { cancelBenchmark } from "./end-benchmark";
import { getBenchmark, listBenchmarks } from "./list-benchmarks";
import { benchmarkRef, createBenchmarkInput, listBenchmarksInput } from "./schemas";

export const benchmarkProcedures = {
  createBenchmark: procedure("models:write")
    .input(createBenchmarkInput)
    .mutation(({ ctx, input }) => createBenchmark(ctx.context, input)),
  listBenchmarks: procedure("models:read")
    .input(listBenchmarksInput)
    .query(({ ctx, input }) => listBenchmarks(ctx.context, input)),
  getBenchmark: procedure("models:read")
    .input(benchmarkRef)
    .query(({ ctx, input }) => getBenchmark(ctx.context, input)),
  cancelBenchmark: procedure("models:write")
    .input(benchmarkRef)
    .mutation(({ ctx, input }) => cancelBenchmark(ctx.context, input)),
};
