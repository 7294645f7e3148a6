import { Readable } from "node:stream";
import { createRun, logBatch, putRunArtifact, updateRun } from "@/server/experiments";
import { LIMITS } from "@/server/experiments/constants";
import { entries, toEntries } from "./common-fields";
import { defineMlflowRoute } from "./contract";
import { invalidParameter } from "./errors";
import { id, int64, str } from "./fields";
import { cut, toWireRun } from "./wire";

const TABLE = "eval_results_table.json";

/** Refuses a field that is left out or empty, in the stock server's words. */
function given<T extends string | unknown[]>(name: string, value: T | undefined): T {
  if (value && value.length > 0) return value;
  throw invalidParameter(`CreatePromptlabRun request must specify ${name}.`);
}

export const promptlabRoutes = [
  defineMlflowRoute({
    methods: ["POST"],
    path: "/runs/create-promptlab-run",
    permission: "experiments:write",
    fields: {
      experiment_id: id,
      run_name: str,
      tags: entries,
      prompt_template: str,
      prompt_parameters: entries,
      model_route: str,
      model_parameters: entries,
      model_input: str,
      model_output: str,
      model_output_parameters: entries,
      mlflow_version: str,
      user_id: str,
      start_time: int64,
    },
    handler: async ({ ctx, body }) => {
      const experimentId = given("experiment_id", body.experiment_id);
      const template = given("prompt_template", body.prompt_template);
      const parameters = toEntries(given("prompt_parameters", body.prompt_parameters));
      const route = given("model_route", body.model_route);
      const input = given("model_input", body.model_input);
      given("mlflow_version", body.mlflow_version);
      const { id: runId } = await createRun(ctx, {
        experimentId,
        name: body.run_name || undefined,
        userName: body.user_id || "unknown",
        startTime: body.start_time,
        tags: cut(toEntries(body.tags), LIMITS.tagValue),
      });
      const params = [
        ...toEntries(body.model_parameters),
        { key: "model_route", value: route },
        { key: "prompt_template", value: template },
      ];
      const tags = [
        { key: "mlflow.loggedArtifacts", value: `[{"path": "${TABLE}", "type": "table"}]` },
        { key: "mlflow.runSourceType", value: "PROMPT_ENGINEERING" },
      ];
      await logBatch(ctx, { runId, params: cut(params, LIMITS.paramValue), tags });
      const cells = [
        ...parameters,
        { key: "prompt", value: input },
        { key: "output", value: body.model_output ?? null },
        ...toEntries(body.model_output_parameters),
      ];
      const columns = cells.map(({ key }) => key);
      const table = JSON.stringify({ columns, data: [cells.map(({ value }) => value)] });
      const owner = { kind: "run", id: runId } as const;
      await putRunArtifact(ctx, { owner, path: TABLE, content: Readable.from([table]) });
      const run = await updateRun(ctx, { runId, changes: { status: "FINISHED" } });
      return { run: toWireRun(run) };
    },
  }),
];
