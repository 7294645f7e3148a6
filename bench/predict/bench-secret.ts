/** The installation secret of the benchmark's processes. */
export const BENCH_SECRET = "bench-secret-bench-secret-bench-secret";
