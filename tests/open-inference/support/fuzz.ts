/** Cases of a fuzz test: short in the suite, as many as FUZZ_RUNS says by hand. */
export const fuzzRuns = (usual: number): number => Number(process.env.FUZZ_RUNS ?? usual);

/** The seed of a fuzz test; FUZZ_SEED sets another. */
export const fuzzSeed = (): number => Number(process.env.FUZZ_SEED ?? 1);
