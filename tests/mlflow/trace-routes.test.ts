import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { asOwner } from "../support/database";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { type MlflowClient, mlflowClient } from "./client";

let world: TestWorld;
let workspace: TestWorkspace;
let server: TestServer;
/** The newer interface, and the older one that newer clients still use for some calls. */
let v3: MlflowClient;
let v2: MlflowClient;
beforeAll(async () => {
  world = await createTestWorld();
  server = await startTestServer(world);
});
afterAll(async () => {
  await server.close();
  await world.close();
});
beforeEach(async () => {
  workspace = await world.workspace();
  const key = await workspace.key("data_scientist");
  v3 = mlflowClient(server, key, "/api/3.0");
  v2 = mlflowClient(server, key);
});

const TRACE = "tr-00112233445566778899aabbccddeeff";
const location = { type: "MLFLOW_EXPERIMENT", mlflow_experiment: { experiment_id: "0" } };
const info = (trace_id = TRACE, more: object = {}) => ({
  trace_id,
  trace_location: location,
  request_time: "2026-01-31T12:00:00.5Z",
  execution_duration: "1.234s",
  state: "OK",
  request_preview: "{}",
  trace_metadata: { "mlflow.source.name": "app.py" },
  tags: { "mlflow.traceName": "predict", team: "risk" },
  ...more,
});
const start = (trace_info: object) => v3.post("/mlflow/traces", { trace: { trace_info } });
const audited = async (action: string) =>
  (
    await asOwner(
      world.db.ownerUrl,
      "select 1 from audit_log where workspace_id = $1 and action = $2",
      [workspace.id, action],
    )
  ).length;

const missing = {
  status: 404,
  body: {
    error_code: "RESOURCE_DOES_NOT_EXIST",
    message: expect.stringMatching(/not found|does not exist/),
  },
};

describe("a trace", () => {
  it("comes back as it was sent, with the place of its files", async () => {
    const shown = {
      ...info(),
      request_time: "2026-01-31T12:00:00.500Z",
      tags: {
        "mlflow.traceName": "predict",
        team: "risk",
        "mlflow.artifactLocation": `mlflow-artifacts:/0/traces/${TRACE}/artifacts`,
      },
    };
    const expected = { status: 200, body: { trace: { trace_info: shown } } };
    expect(await start(info())).toEqual(expected);
    expect(await v3.get(`/mlflow/traces/${TRACE}`)).toEqual(expected);
    expect(await v3.get("/mlflow/traces/tr-missing")).toEqual(missing);
    expect(await v3.get("/mlflow/traces/get", { trace_id: TRACE })).toEqual(expected);
  });

  it("sent again replaces what was known, in its own experiment only", async () => {
    await start(info(TRACE, { state: "IN_PROGRESS", execution_duration: undefined }));
    const again = await start(info(TRACE, { state: "ERROR" }));
    expect(again.body).toMatchObject({
      trace: { trace_info: { state: "ERROR", execution_duration: "1.234s" } },
    });
    const { body } = await v2.post("/mlflow/experiments/create", { name: "other" });
    const elsewhere = { ...location, mlflow_experiment: { experiment_id: body.experiment_id } };
    expect((await start(info(TRACE, { trace_location: elsewhere }))).status).toBe(400);
  });

  it("is refused with 400 where a field is missing or wrong", async () => {
    for (const more of [
      { trace_id: undefined },
      { trace_id: "../x" },
      { trace_id: "a".repeat(101) },
      { request_time: undefined },
      { request_time: "yesterday" },
      { execution_duration: "1 hour" },
      { trace_location: undefined },
      { trace_location: { type: "MLFLOW_EXPERIMENT" } },
      { trace_location: { mlflow_experiment: { experiment_id: "x" } } },
      { tags: { a: 1 } },
      { tags: { a: "\u0000" } },
      { state: "DONE" },
    ]) {
      const reply = await start(info(TRACE, more));
      expect(reply.status, JSON.stringify(more)).toBe(400);
      expect(reply.body.error_code).toBe("INVALID_PARAMETER_VALUE");
    }
  });

  it("keeps its spans as a file", async () => {
    await start(info());
    const path = `/mlflow-artifacts/artifacts/0/traces/${TRACE}/artifacts/traces.json`;
    expect((await v2.put(path, '{"spans":[]}')).status).toBe(200);
    expect((await v2.send(path, { method: "GET" })).body).toEqual({ spans: [] });
    const foreign = mlflowClient(server, await (await world.workspace()).key("admin"));
    expect((await foreign.send(path, { method: "GET" })).status).toBe(404);
    expect((await foreign.put(path, "x")).status).toBe(404);
  });
});

describe("tags of a trace", () => {
  it("are set and taken away by either version", async () => {
    await start(info());
    const path = `/mlflow/traces/${TRACE}/tags`;
    expect(await v2.patch(path, { key: "a", value: "1" })).toEqual({ status: 200, body: {} });
    expect(await v3.patch(path, { key: "b", value: "2" })).toEqual({ status: 200, body: {} });
    expect(await v2.delete(path, { key: "team" })).toEqual({ status: 200, body: {} });
    const { body } = await v3.get(`/mlflow/traces/${TRACE}`);
    expect(body).toMatchObject({ trace: { trace_info: { tags: { a: "1", b: "2" } } } });
    expect(JSON.stringify(body)).not.toContain("team");
    expect(await v2.delete(path, { key: "team" })).toMatchObject({
      status: 404,
      body: { error_code: "RESOURCE_DOES_NOT_EXIST" },
    });
    expect((await v2.patch("/mlflow/traces/tr-x/tags", { key: "a", value: "1" })).status).toBe(404);
  });
});

describe("search", () => {
  it("filters, sorts and pages", async () => {
    const { body: made } = await v2.post("/mlflow/runs/create", {});
    const { run_id } = (made as { run: { info: { run_id: string } } }).run.info;
    for (const [at, id] of ["tr-a", "tr-b", "tr-c"].entries()) {
      const more = {
        request_time: `2026-01-31T12:00:0${at}Z`,
        state: at === 1 ? "ERROR" : "OK",
        tags: { "mlflow.traceName": `name ${at}` },
        trace_metadata: at === 2 ? { "mlflow.sourceRun": run_id } : {},
      };
      await start(info(id, more));
    }
    const linked = await v2.post("/mlflow/traces/link-to-run", { run_id, trace_ids: ["tr-a"] });
    expect(linked).toEqual({ status: 200, body: {} });
    const search = async (more: object) => {
      const { status, body } = await v3.post("/mlflow/traces/search", {
        locations: [location],
        ...more,
      });
      const found = (body.traces ?? []) as { trace_id: string }[];
      return { status, ids: found.map((one) => one.trace_id), token: body.next_page_token };
    };
    expect((await search({})).ids).toEqual(["tr-c", "tr-b", "tr-a"]);
    const oldest = { order_by: ["timestamp_ms ASC"] };
    expect((await search(oldest)).ids).toEqual(["tr-a", "tr-b", "tr-c"]);
    const page = await search({ ...oldest, max_results: 2 });
    expect(page.ids).toEqual(["tr-a", "tr-b"]);
    const rest = await search({ ...oldest, max_results: 2, page_token: page.token });
    expect(rest).toEqual({ status: 200, ids: ["tr-c"], token: undefined });
    for (const [filter, ids] of [
      ["status = 'ERROR'", ["tr-b"]],
      ["trace.status != 'ERROR'", ["tr-c", "tr-a"]],
      ["name = 'name 2'", ["tr-c"]],
      ["tags.`mlflow.traceName` LIKE 'name%' AND timestamp_ms > 1769860801000", ["tr-c"]],
      [`run_id = '${run_id}'`, ["tr-c", "tr-a"]],
      [`metadata.\`mlflow.sourceRun\` = '${run_id}'`, ["tr-c"]],
      ["execution_time_ms > 2000", []],
    ] as const) {
      expect((await search({ filter })).ids, filter).toEqual(ids);
    }
    for (const more of [{ filter: "((" }, { order_by: ["nonsense"] }, { max_results: 501 }]) {
      expect((await search(more)).status, JSON.stringify(more)).toBe(400);
    }
  });
});

describe("assessments", () => {
  it("are made, read, changed by mask and deleted, and the trail knows", async () => {
    await start(info());
    const path = `/mlflow/traces/${TRACE}/assessments`;
    const said = {
      assessment_name: "correct",
      source: { source_type: "HUMAN", source_id: "ann" },
      feedback: { value: true },
      rationale: "looks right",
    };
    const made = await v3.post(path, { assessment: said });
    const { assessment } = made.body as { assessment: { assessment_id: string } };
    expect(made).toEqual({
      status: 200,
      body: {
        assessment: {
          ...said,
          trace_id: TRACE,
          assessment_id: expect.stringMatching(/^a-[0-9a-f]{32}$/),
          create_time: expect.stringMatching(/Z$/),
          last_update_time: expect.stringMatching(/Z$/),
        },
      },
    });
    const one = `${path}/${assessment.assessment_id}`;
    expect(await v3.get(one)).toEqual(made);
    const changed = await v3.patch(one, {
      assessment: { feedback: { value: false }, rationale: "ignored" },
      update_mask: "feedback",
    });
    expect(changed.body).toMatchObject({
      assessment: { feedback: { value: false }, rationale: "looks right" },
    });
    const { body } = await v3.get(`/mlflow/traces/${TRACE}`);
    expect(body).toMatchObject({ trace: { trace_info: { assessments: [{ feedback: {} }] } } });
    expect(await v3.delete(one)).toEqual({ status: 200, body: {} });
    expect(await v3.get(one)).toEqual(missing);
    expect((await v3.post(path, { assessment: {} })).status).toBe(400);
    expect((await v3.post("/mlflow/traces/x/assessments", { assessment: said })).status).toBe(404);
    for (const action of ["created", "updated", "deleted"]) {
      expect(await audited(`assessment.${action}`)).toBe(1);
    }
  });
});

describe("deletion", () => {
  it("takes named traces, or old ones, oldest first, and says how many", async () => {
    for (const [at, id] of ["tr-a", "tr-b", "tr-c", "tr-d"].entries()) {
      await start(info(id, { request_time: `2026-01-31T12:00:0${at}Z` }));
    }
    const remove = (more: object) =>
      v2.post("/mlflow/traces/delete-traces", { experiment_id: "0", ...more });
    expect((await remove({ request_ids: ["tr-d", "tr-x"] })).body).toEqual({ traces_deleted: 1 });
    const until = Date.parse("2026-01-31T12:00:01Z");
    const oldest = await remove({ max_timestamp_millis: until, max_traces: 1 });
    expect(oldest.body).toEqual({ traces_deleted: 1 });
    expect((await v3.get("/mlflow/traces/tr-a")).status).toBe(404);
    expect((await v3.get("/mlflow/traces/tr-b")).status).toBe(200);
    expect(await audited("traces.deleted")).toBe(2);
    for (const more of [
      {},
      { request_ids: ["tr-b"], max_timestamp_millis: until },
      { request_ids: ["tr-b"], max_traces: 1 },
    ]) {
      expect((await remove(more)).status, JSON.stringify(more)).toBe(400);
    }
  });
});

it("traces belong to one workspace, and readers do not write them", async () => {
  await start(info());
  const { body } = await v3.post(`/mlflow/traces/${TRACE}/assessments`, {
    assessment: { assessment_name: "a" },
  });
  const { assessment_id } = (body as { assessment: { assessment_id: string } }).assessment;
  const other = await world.workspace();
  const foreign = mlflowClient(server, await other.key("admin"), "/api/3.0");
  const said = `/mlflow/traces/${TRACE}/assessments/${assessment_id}`;
  expect(await foreign.get(`/mlflow/traces/${TRACE}`)).toEqual(missing);
  expect(await foreign.get(said)).toEqual(missing);
  expect((await foreign.delete(said)).status).toBe(404);
  expect(
    (await foreign.patch(`/mlflow/traces/${TRACE}/tags`, { key: "a", value: "b" })).status,
  ).toBe(404);
  const found = await foreign.post("/mlflow/traces/search", { locations: [location] });
  expect(found).toEqual({ status: 200, body: {} });
  // Its own trace of the same id is another.
  const own = await foreign.post("/mlflow/traces", {
    trace: { trace_info: info(TRACE, { state: "ERROR" }) },
  });
  expect(own.status).toBe(200);
  expect((await v3.get(`/mlflow/traces/${TRACE}`)).body).toMatchObject({
    trace: { trace_info: { state: "OK" } },
  });
  const viewer = mlflowClient(server, await workspace.key("viewer"), "/api/3.0");
  expect((await viewer.get(`/mlflow/traces/${TRACE}`)).status).toBe(200);
  expect((await viewer.delete(said)).status).toBe(403);
  expect((await viewer.post("/mlflow/traces", { trace: { trace_info: info() } })).status).toBe(403);
});
