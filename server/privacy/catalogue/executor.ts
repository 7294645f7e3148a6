import type { Catalogue } from "./entry";

/** State of the embedded executor. Events carry ids; errors and results may carry what a trainer said. */
export const EXECUTOR: Catalogue = {
  "inngest.events": {
    reach: "event",
    personal: { payload: "json" },
    plain: { internal_id: "reference", id: "reference", name: "word" },
  },
  "inngest.runs": {
    reach: "run-of-event",
    personal: { output: "json", error: "json" },
    plain: {
      id: "reference",
      function_id: "reference",
      event_id: "reference",
      status: "word",
      concurrency_keys: "reference",
      singleton_key: "reference",
      parent_run_id: "reference",
      parent_step_id: "reference",
    },
  },
  "inngest.steps": {
    reach: "step-of-run",
    personal: { result: "json" },
    plain: { run_id: "reference", id: "digest", op: "word", name: "word", status: "word" },
  },
  "inngest.jobs": {
    reach: "step-of-run",
    personal: { payload: "json" },
    plain: {
      dedupe: "reference",
      run_id: "reference",
      function_id: "reference",
      kind: "word",
      step_id: "digest",
      concurrency_keys: "reference",
      worker: "reference",
    },
  },
  "inngest.attempts": {
    reach: "step-of-run",
    personal: { error: "json" },
    plain: {
      run_id: "reference",
      kind: "word",
      step_id: "digest",
      worker: "reference",
      outcome: "word",
    },
  },
  "inngest.waits": {
    reach: "step-of-run",
    personal: { expression: "text", equality: "text" },
    plain: { run_id: "reference", step_id: "digest", event: "word" },
  },
  "inngest.functions": {
    reach: "executor",
    personal: {},
    plain: { id: "reference", app_id: "reference", config: "setting" },
  },
  "inngest.once_keys": {
    reach: "executor",
    personal: {},
    plain: { key: "reference", ref: "reference" },
  },
  "inngest.schedules": {
    reach: "executor",
    personal: {},
    plain: { function_id: "reference", cron: "setting" },
  },
};
