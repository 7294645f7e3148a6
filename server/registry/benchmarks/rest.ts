import { pageOf } from "@/server/kernel/paging";
import { defineRoute } from "@/server/protocols/rest/contract";
import { modelRef } from "../schemas";
import { createBenchmark } from "./create-benchmark";
import { cancelBenchmark } from "./end-benchmark";
import { getBenchmark, listBenchmarks } from "./list-benchmarks";
import { benchmarkDto, benchmarkRef, benchmarkRequest, listBenchmarksInput } from "./schemas";

const tag = "Benchmarks";

export const benchmarkRoutes = [
  defineRoute({
    method: "post",
    path: "/models/{model}/benchmarks",
    operationId: "createBenchmark",
    summary: "Measure versions of a model on the rows of one dataset",
    description: "The work is done in the background, on an inference node.",
    tag,
    permission: "models:write",
    params: modelRef,
    body: benchmarkRequest,
    status: 202,
    reply: benchmarkDto,
    handler: ({ ctx, params, body }) => createBenchmark(ctx, { ...params, ...body }),
  }),
  defineRoute({
    method: "get",
    path: "/models/{model}/benchmarks",
    operationId: "listBenchmarks",
    summary: "List a model's benchmarks, newest first",
    tag,
    permission: "models:read",
    params: modelRef,
    query: listBenchmarksInput.omit({ model: true }),
    status: 200,
    reply: pageOf(benchmarkDto),
    handler: ({ ctx, params, query }) => listBenchmarks(ctx, { ...params, ...query }),
  }),
  defineRoute({
    method: "get",
    path: "/benchmarks/{benchmark}",
    operationId: "getBenchmark",
    summary: "A benchmark with what its versions reached so far",
    tag,
    permission: "models:read",
    params: benchmarkRef,
    status: 200,
    reply: benchmarkDto,
    handler: ({ ctx, params }) => getBenchmark(ctx, params),
  }),
  defineRoute({
    method: "post",
    path: "/benchmarks/{benchmark}/cancel",
    operationId: "cancelBenchmark",
    summary: "Stop a benchmark; what was measured stays",
    tag,
    permission: "models:write",
    params: benchmarkRef,
    status: 200,
    reply: benchmarkDto,
    handler: ({ ctx, params }) => cancelBenchmark(ctx, params),
  }),
];
