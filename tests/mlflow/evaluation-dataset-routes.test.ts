import { beforeEach, describe, expect, it } from "vitest";
import { asOwner } from "../support/database";
import { type MlflowClient, mlflowClient, type Reply } from "./client";
import { invalid, serveMlflow, server, time, workspace, world } from "./routes-suite";

serveMlflow();

let v3: MlflowClient;
beforeEach(async () => {
  v3 = mlflowClient(server, await workspace.key("data_scientist"), "/api/3.0");
});

interface WireDataset {
  dataset_id: string;
  digest: string;
  last_update_time: number;
}

const datasetOf = (reply: Reply) => reply.body.dataset as WireDataset;
const made = async (more: object = {}): Promise<string> =>
  datasetOf(await v3.post("/mlflow/datasets/create", { name: "questions", ...more })).dataset_id;
const write = (id: string, records: object[]) =>
  v3.post(`/mlflow/datasets/${id}/records`, { records: JSON.stringify(records) });
const records = async (id: string, args: Record<string, string> = {}) => {
  const { body } = await v3.get(`/mlflow/datasets/${id}/records`, args);
  return { items: JSON.parse(String(body.records)), token: body.next_page_token };
};
const audited = async (action: string) =>
  (
    await asOwner(
      world.db.ownerUrl,
      "select 1 from audit_log where workspace_id = $1 and action = $2",
      [workspace.id, `evaluation_dataset.${action}`],
    )
  ).length;
const missing = {
  status: 404,
  body: { error_code: "RESOURCE_DOES_NOT_EXIST", message: expect.stringContaining("not found") },
};

describe("an evaluation dataset", () => {
  it("comes back as it was made, and is audited", async () => {
    const tags = JSON.stringify({ team: "risk", "mlflow.user": "ann" });
    const reply = await v3.post("/mlflow/datasets/create", {
      name: "questions",
      experiment_ids: ["0"],
      tags,
    });
    const dataset = {
      dataset_id: expect.stringMatching(/^d-[0-9a-f]{32}$/),
      name: "questions",
      digest: expect.stringMatching(/^[0-9a-f]{8}$/),
      tags,
      created_time: time,
      last_update_time: time,
      created_by: "ann",
      last_updated_by: "ann",
    };
    expect(reply).toEqual({
      status: 200,
      body: { dataset: { ...dataset, experiment_ids: ["0"] } },
    });
    const id = datasetOf(reply).dataset_id;
    expect(await v3.get(`/mlflow/datasets/${id}`)).toEqual({ status: 200, body: { dataset } });
    expect(await audited("created")).toBe(1);
    expect(await v3.delete(`/mlflow/datasets/${id}`)).toEqual({ status: 200, body: {} });
    expect(await v3.get(`/mlflow/datasets/${id}`)).toEqual(missing);
    expect(await audited("deleted")).toBe(1);
  });

  it("is refused with a name that is missing or too long, tags that are none, an experiment that is none", async () => {
    const create = (body: object) => v3.post("/mlflow/datasets/create", body);
    expect(await create({})).toEqual(invalid(/Missing value for required parameter 'name'/));
    expect(await create({ name: "x".repeat(256) })).toEqual(invalid(/255/));
    expect(await create({ name: "a", tags: "[1]" })).toEqual(invalid(/tags/));
    expect(await create({ name: "a", tags: "{" })).toEqual(invalid(/tags/));
    expect((await create({ name: "a", experiment_ids: ["4711"] })).status).toBe(404);
    expect((await create({ name: "a", experiment_ids: ["x"] })).status).toBe(404);
  });

  it("is found by name, tag, time and experiment, page by page", async () => {
    const { body } = await mlflowClient(server, await workspace.key("data_scientist")).post(
      "/mlflow/experiments/create",
      { name: "used" },
    );
    for (const name of ["a", "b", "c"]) {
      const experiment_ids = name === "b" ? [body.experiment_id] : [];
      await made({ name, experiment_ids, tags: JSON.stringify({ letter: name }) });
    }
    const found = async (query: object) => {
      const reply = await v3.post("/mlflow/datasets/search", query);
      const datasets = (reply.body.datasets ?? []) as { name: string }[];
      return { names: datasets.map(({ name }) => name), token: reply.body.next_page_token };
    };
    expect((await found({ order_by: ["name"] })).names).toEqual(["a", "b", "c"]);
    expect((await found({ experiment_ids: [body.experiment_id] })).names).toEqual(["b"]);
    expect((await found({ experiment_ids: ["nothing"] })).names).toEqual([]);
    expect((await found({ filter_string: "name LIKE 'b%' and created_time > 5" })).names).toEqual([
      "b",
    ]);
    expect((await found({ filter_string: "tags.letter = 'c'" })).names).toEqual(["c"]);
    const first = await found({ order_by: ["name DESC"], max_results: 2 });
    expect(first.names).toEqual(["c", "b"]);
    const rest = await found({ order_by: ["name DESC"], max_results: 2, page_token: first.token });
    expect(rest).toEqual({ names: ["a"], token: undefined });
    for (const query of [
      { filter_string: "color = 'x'" },
      { filter_string: "name >" },
      { order_by: ["color"] },
      { page_token: "nonsense" },
      { max_results: -1 },
    ]) {
      expect((await v3.post("/mlflow/datasets/search", query)).status, JSON.stringify(query)).toBe(
        400,
      );
    }
  });

  it("keeps tags, and loses one that is set to nothing", async () => {
    const id = await made({ tags: JSON.stringify({ a: "1", b: "2" }) });
    const tags = JSON.stringify({ a: null, c: 3, d: true });
    expect(await v3.patch(`/mlflow/datasets/${id}/tags`, { tags })).toEqual({
      status: 200,
      body: {},
    });
    expect((await v3.delete(`/mlflow/datasets/${id}/tags/b`)).status).toBe(200);
    expect((await v3.delete(`/mlflow/datasets/${id}/tags/b`)).status).toBe(200);
    const { body } = await v3.get(`/mlflow/datasets/${id}`);
    expect(JSON.parse((body.dataset as { tags: string }).tags)).toEqual({ c: "3", d: "True" });
    expect(await audited("tagged")).toBe(3);
  });

  it("is used in the experiments it was added to", async () => {
    const id = await made();
    const link = (change: string, experiment_ids: string[]) =>
      v3.post(`/mlflow/datasets/${id}/${change}-experiments`, { experiment_ids });
    expect((await link("add", ["0"])).status).toBe(200);
    expect((await link("add", ["0"])).status).toBe(200);
    const ids = `/mlflow/datasets/${id}/experiment-ids`;
    expect((await v3.get(ids)).body).toEqual({ experiment_ids: ["0"] });
    expect((await link("add", ["4711"])).status).toBe(404);
    expect((await link("remove", ["0", "4711", "x"])).status).toBe(200);
    expect((await v3.get(ids)).body).toEqual({});
    expect(await audited("linked")).toBe(3);
  });
});

describe("records of an evaluation dataset", () => {
  const ask = (q: string, more: object = {}) => ({ inputs: { q }, ...more });

  it("are one for the same inputs, however often they are sent", async () => {
    const id = await made();
    const source = { source_type: "trace", source_data: { trace_id: "tr-1" } };
    const first = { inputs: { a: 1, b: "x" }, expectations: { e: 1 }, tags: { t: "1" }, source };
    const again = { inputs: { b: "x", a: 1 }, outputs: "12", expectations: { f: 2 } };
    expect((await write(id, [first, ask("other")])).body).toEqual({
      inserted_count: 2,
      updated_count: 0,
    });
    expect((await write(id, [again, again])).body).toEqual({ inserted_count: 0, updated_count: 2 });
    const { items } = await records(id);
    expect(items[0]).toEqual({
      dataset_record_id: expect.stringMatching(/^dr-[0-9a-f]{32}$/),
      dataset_id: id,
      inputs: { a: 1, b: "x" },
      outputs: "12",
      expectations: { e: 1, f: 2 },
      tags: { t: "1" },
      source: { source_type: "TRACE", source_data: { trace_id: "tr-1" } },
      source_id: "tr-1",
      source_type: "TRACE",
      created_time: time,
      last_update_time: time,
    });
    expect(items[1]).toMatchObject({ inputs: { q: "other" }, outputs: {} });
    const { body } = await v3.get(`/mlflow/datasets/${id}`);
    const dataset = body.dataset as { schema: string; profile: string };
    expect(JSON.parse(dataset.profile)).toEqual({ num_records: 2 });
    expect(JSON.parse(dataset.schema)).toEqual({
      inputs: { a: "integer", b: "string", q: "string" },
      outputs: "string",
      expectations: { e: "integer", f: "integer" },
      version: "1.0",
    });
    expect(await audited("records_written")).toBe(2);
  });

  it("come page by page in the order they were sent, and go by their ids", async () => {
    const id = await made();
    await write(
      id,
      ["a", "b", "c"].map((q) => ask(q)),
    );
    const first = await records(id, { max_results: "2" });
    const rest = await records(id, { max_results: "2", page_token: String(first.token) });
    expect([...first.items, ...rest.items].map(({ inputs }) => inputs.q)).toEqual(["a", "b", "c"]);
    expect(rest.token).toBeUndefined();
    const gone = [first.items[0].dataset_record_id, "dr-nothing", `dr-${"0".repeat(32)}`];
    const reply = await v3.delete(`/mlflow/datasets/${id}/records`, { dataset_record_ids: gone });
    expect(reply).toEqual({ status: 200, body: { deleted_count: 1 } });
    expect((await records(id)).items).toHaveLength(2);
    expect(await audited("records_deleted")).toBe(1);
  });

  it("are refused with 400 where they are no records", async () => {
    const id = await made();
    const send = (text: unknown) => v3.post(`/mlflow/datasets/${id}/records`, { records: text });
    for (const text of [
      undefined,
      "",
      "{}",
      "nonsense",
      '[{"inputs": NaN}]',
      '[{"inputs": 5}]',
      "[7]",
      '[{"inputs": {"q": "\\u0000"}}]',
      '[{"inputs": {}, "source": {"source_type": "RUMOR"}}]',
      JSON.stringify(Array(10_001).fill({ inputs: {} })),
    ]) {
      const reply = await send(text);
      expect(reply.status, String(text).slice(0, 40)).toBe(400);
      expect(reply.body.error_code).toBe("INVALID_PARAMETER_VALUE");
    }
    const damaged = await v3.get(`/mlflow/datasets/${id}/records`, { page_token: "x" });
    expect(damaged.status).toBe(400);
    expect((await records(id)).items).toEqual([]);
  });

  it("of one dataset are each there once after many calls at a time", async () => {
    const id = await made();
    const all = Array.from({ length: 30 }, (_, at) => ask(String(at)));
    const replies = await Promise.all(Array.from({ length: 6 }, () => write(id, all)));
    const inserted = replies.map(({ body }) => Number(body.inserted_count));
    expect(inserted.reduce((sum, one) => sum + one)).toBe(30);
    expect((await records(id)).items).toHaveLength(30);
  });
});

describe("an evaluation dataset of others", () => {
  it("is not found from another workspace and not written by a viewer", async () => {
    const id = await made();
    await write(id, [{ inputs: { q: 1 } }]);
    const other = await world.workspace();
    const theirs = mlflowClient(server, await other.key("admin"), "/api/3.0");
    const viewer = mlflowClient(server, await workspace.key("viewer"), "/api/3.0");
    const path = `/mlflow/datasets/${id}`;
    const calls = (client: MlflowClient) => [
      client.delete(path),
      client.patch(`${path}/tags`, { tags: "{}" }),
      client.delete(`${path}/tags/a`),
      client.post(`${path}/records`, { records: "[]" }),
      client.delete(`${path}/records`, { dataset_record_ids: [] }),
      client.post(`${path}/add-experiments`, { experiment_ids: [] }),
      client.post(`${path}/remove-experiments`, { experiment_ids: [] }),
    ];
    for (const reply of await Promise.all(calls(viewer))) expect(reply.status).toBe(403);
    expect((await viewer.get(path)).status).toBe(200);
    const reads = ["", "/records", "/experiment-ids"].map((part) => theirs.get(path + part));
    for (const reply of await Promise.all([...reads, ...calls(theirs)])) {
      expect(reply).toEqual(missing);
    }
    expect((await theirs.post("/mlflow/datasets/search", {})).body).toEqual({});
    expect((await records(id)).items).toHaveLength(1);
  });
});
