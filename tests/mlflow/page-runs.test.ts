import { beforeEach, describe, expect, it } from "vitest";
import { asOwner } from "../support/database";
import { type MlflowClient, mlflowClient } from "./client";
import { invalid, mlflow, serveMlflow, server, workspace, world } from "./routes-suite";

serveMlflow();

let page: MlflowClient;
let key: string;
beforeEach(async () => {
  key = await workspace.key("data_scientist");
  page = mlflowClient(server, key, "/ajax-api");
});

const fetchAs = (path: string, args: Record<string, string>) =>
  fetch(`${server.url}${path}?${new URLSearchParams(args)}`, {
    headers: { authorization: `Bearer ${key}` },
  });

const HEX = "00112233445566778899aabbccddeeff";
const TRACE = `tr-${HEX}`;
const attribute = (name: string, value: object) => ({ key: name, value });

/** A trace of two spans, as OpenTelemetry's exporters send it. */
async function sendTrace(spans: object[]) {
  const reply = await fetch(`${server.url}/v1/traces`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${key}`,
      "content-type": "application/json",
      "x-mlflow-experiment-id": "0",
    },
    body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }),
  });
  expect(reply.status).toBe(200);
}

describe("the file of a trace", () => {
  it.each(["2.0", "3.0"])("holds its spans as clients read them, under %s", async (version) => {
    const span = {
      traceId: HEX,
      spanId: "0102030405060708",
      name: "answer",
      startTimeUnixNano: "1700000000123000007",
      endTimeUnixNano: "1700000001623000009",
      attributes: [
        attribute("mlflow.spanType", { stringValue: "LLM" }),
        attribute("list", { arrayValue: { values: [{ intValue: "1" }, {}, { boolValue: true }] } }),
      ],
      events: [{ name: "hit", timeUnixNano: "1700000000223000001" }],
      links: [{ traceId: HEX, spanId: "0908070605040302", attributes: [] }],
      status: { code: 2, message: "no" },
    };
    await sendTrace([span]);
    const reply = await fetchAs(`/ajax-api/${version}/mlflow/get-trace-artifact`, {
      request_id: TRACE,
    });
    expect(reply.headers.get("content-disposition")).toBe("attachment; filename=traces.json");
    const text = await reply.text();
    expect(text).toContain('"start_time_unix_nano":1700000000123000007,');
    expect(text).toContain('"end_time_unix_nano":1700000001623000009,');
    expect(JSON.parse(text).spans).toMatchObject([
      {
        trace_id: Buffer.from(HEX, "hex").toString("base64"),
        span_id: "AQIDBAUGBwg=",
        parent_span_id: null,
        name: "answer",
        events: [{ name: "hit", attributes: {} }],
        status: { code: "STATUS_CODE_ERROR", message: "no" },
        attributes: {
          "mlflow.traceRequestId": `"${TRACE}"`,
          "mlflow.spanType": '"LLM"',
          list: "[1,null,true]",
        },
        links: [{ trace_id: TRACE, span_id: "0908070605040302", attributes: {} }],
      },
    ]);
  });

  it("is not there for another workspace, for no trace and without an id", async () => {
    const get = (args: Record<string, string>) =>
      fetchAs("/ajax-api/2.0/mlflow/get-trace-artifact", args);
    await sendTrace([{ traceId: HEX, spanId: "0102030405060708", name: "x" }]);
    key = await (await world.workspace()).key("admin");
    expect((await get({ request_id: TRACE })).status).toBe(404);
    expect((await get({ request_id: "tr-none" })).status).toBe(404);
    expect((await get({})).status).toBe(400);
    expect((await get({ request_id: TRACE, path: "../x" })).status).toBe(400);
  });
});

it("a file of a logged model comes down at the address of the web page", async () => {
  const { body } = await mlflow.post("/mlflow/logged-models", { experiment_id: "0" });
  const { info } = body.model as { info: { model_id: string; artifact_uri: string } };
  const place = info.artifact_uri.replace("mlflow-artifacts:/", "");
  await mlflow.put(`/mlflow-artifacts/artifacts/${place}/dir/a+b.txt`, "hello");
  const files = `/ajax-api/2.0/mlflow/logged-models/${info.model_id}/artifacts/files`;
  const reply = await fetchAs(files, { artifact_file_path: "dir/a+b.txt" });
  expect([reply.status, await reply.text()]).toEqual([200, "hello"]);
  expect(reply.headers.get("content-disposition")).toBe("attachment; filename=a+b.txt");
  expect((await fetchAs(files, { artifact_file_path: "none" })).status).toBe(404);
  expect((await fetchAs(files, { artifact_file_path: "../x" })).status).toBe(400);
  expect((await fetchAs(files, {})).status).toBe(400);
});

describe("a run of the prompt lab", () => {
  const whole = {
    experiment_id: "0",
    prompt_template: "Say {{word}}",
    prompt_parameters: [{ key: "word", value: "yes" }],
    model_route: "here",
    model_input: "Say yes",
    mlflow_version: "3.0.0",
  };

  it("is kept with its parameters and its table of answers, and noted", async () => {
    const { status, body } = await page.post("/2.0/mlflow/runs/create-promptlab-run", {
      ...whole,
      run_name: "lab",
      user_id: "ann",
      start_time: 456,
      model_output: "yes",
      model_parameters: [{ key: "temperature", value: "0.1" }],
      model_output_parameters: [{ key: "latency", value: "100" }],
    });
    expect(status).toBe(200);
    const { info, data } = body.run as { info: Record<string, unknown>; data: object };
    expect(info).toMatchObject({ run_name: "lab", user_id: "ann", start_time: 456 });
    expect(info.status).toBe("FINISHED");
    expect(data).toMatchObject({
      params: expect.arrayContaining([
        { key: "model_route", value: "here" },
        { key: "prompt_template", value: "Say {{word}}" },
        { key: "temperature", value: "0.1" },
      ]),
      tags: expect.arrayContaining([
        { key: "mlflow.runSourceType", value: "PROMPT_ENGINEERING" },
        {
          key: "mlflow.loggedArtifacts",
          value: '[{"path": "eval_results_table.json", "type": "table"}]',
        },
      ]),
    });
    const file = { run_id: String(info.run_id), path: "eval_results_table.json" };
    expect(await (await fetchAs("/get-artifact", file)).json()).toEqual({
      columns: ["word", "prompt", "output", "latency"],
      data: [["yes", "Say yes", "yes", "100"]],
    });
    const trail = await asOwner<{ action: string }>(
      world.db.ownerUrl,
      "select action from audit_log where workspace_id = $1",
      [workspace.id],
    );
    expect(trail.map(({ action }) => action)).toContain("run.created");
  });

  it.each(Object.keys(whole))("needs its %s", async (name) => {
    const { [name as keyof typeof whole]: _left, ...rest } = whole;
    expect(await page.post("/2.0/mlflow/runs/create-promptlab-run", rest)).toEqual(
      invalid(`CreatePromptlabRun request must specify ${name}.`),
    );
  });

  it("is made by who may write, in an experiment of the own workspace", async () => {
    const as = async (
      one: { key: (role: "viewer" | "admin") => Promise<string> },
      role: "viewer" | "admin",
    ) =>
      mlflowClient(server, await one.key(role), "/ajax-api").post(
        "/2.0/mlflow/runs/create-promptlab-run",
        { ...whole, experiment_id: "77" },
      );
    expect((await as(workspace, "viewer")).status).toBe(403);
    expect((await as(await world.workspace(), "admin")).status).toBe(404);
  });
});

it("clients learn from the server's own words that large files may come in parts", async () => {
  const reply = await fetchAs("/api/3.0/mlflow/server-info", {});
  expect(await reply.json()).toMatchObject({
    store_type: "SqlStore",
    workspaces_enabled: false,
    multipart_uploads_enabled: true,
    multipart_downloads_enabled: false,
  });
});

it("the heads of many traces come by POST as by GET", async () => {
  await sendTrace([{ traceId: HEX, spanId: "0102030405060708", name: "x" }]);
  const { body } = await page.post("/3.0/mlflow/traces/batchGetInfos", { trace_ids: [TRACE] });
  expect(body.trace_infos).toMatchObject([{ trace_id: TRACE }]);
});
