import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { asOwner } from "../support/database";
import { startTestServer, type TestServer } from "../support/http";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { writeParquet } from "./parquet-file";
import { multipart, send, upload } from "./upload-form";

let world: TestWorld;
let server: TestServer;
let a: TestWorkspace;
let key: string;
beforeAll(async () => {
  world = await createTestWorld();
  server = await startTestServer(world);
  a = await world.workspace();
  key = await a.key("data_scientist");
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const CSV = `id,age,color,ok,day,at
1,20.5,red,true,2024-01-01,2024-01-01T10:00:00Z
2,,blue,FALSE,2024-01-03,2024-01-02 10:00:00
3,40,red,,2024-01-02,2024-01-01T09:00:00+02:00
`;

const typesOf = (body: { columns: { name: string; type: string }[] }) =>
  Object.fromEntries(body.columns.map(({ name, type }) => [name, type]));

it("answers 201 with rows, digest, and type and profile of every column", async () => {
  const { status, body } = await upload(server.url, key, "people", CSV);
  expect(status).toBe(201);
  expect(body).toMatchObject({
    name: "people",
    version: 1,
    format: "csv",
    delimiter: ",",
    rows: 3,
    columnCount: 6,
    sizeBytes: CSV.length,
    sha256: createHash("sha256").update(CSV).digest("hex"),
  });
  expect(body.columns).toEqual([
    {
      name: "id",
      type: "integer",
      nullCount: 0,
      distinct: 3,
      min: 1,
      max: 3,
      mean: 2,
      stddev: 1,
      histogram: { edges: [0.5, 1.5, 2.5, 3.5], counts: [1, 1, 1] },
    },
    expect.objectContaining({
      name: "age",
      type: "number",
      nullCount: 1,
      distinct: 2,
      min: 20.5,
      max: 40,
      mean: 30.25,
      histogram: { edges: [20.5, 30.25, 40], counts: [1, 1] },
    }),
    {
      name: "color",
      type: "text",
      nullCount: 0,
      distinct: 2,
      min: "blue",
      max: "red",
      topValues: [
        { value: "red", count: 2 },
        { value: "blue", count: 1 },
      ],
    },
    expect.objectContaining({ name: "ok", type: "boolean", nullCount: 1, min: false, max: true }),
    expect.objectContaining({ name: "day", type: "date", min: "2024-01-01", max: "2024-01-03" }),
    expect.objectContaining({
      name: "at",
      type: "timestamp",
      min: "2024-01-01T07:00:00",
      max: "2024-01-02T10:00:00",
    }),
  ]);
});

it("writes one audit row and one event with the dataset", async () => {
  const { body } = await upload(server.url, key, "audited", CSV);
  const audit = await asOwner(
    world.db.ownerUrl,
    "select action from audit_log where subject_id = $1",
    [body.id],
  );
  expect(audit).toEqual([{ action: "dataset.created" }]);
  const events = await asOwner(
    world.db.ownerUrl,
    "select data from outbox where name = 'datasets/dataset.created' and data->>'datasetId' = $1",
    [body.id],
  );
  expect(events).toEqual([{ data: { datasetId: body.id, workspaceId: a.id } }]);
});

it("makes the next version of a name, whatever its case, and answers 200 for the same content", async () => {
  const first = await upload(server.url, key, "Sales", "x\n1\n");
  const same = await upload(server.url, key, "sales", "x\n1\n");
  expect(same.status).toBe(200);
  expect(same.body).toEqual(first.body);
  const second = await upload(server.url, key, "SALES", "x\n2\n");
  expect(second).toMatchObject({ status: 201, body: { name: "Sales", version: 2 } });
  const back = await upload(server.url, key, "Sales", "x\n1\n");
  expect(back).toMatchObject({ status: 201, body: { version: 3, sha256: first.body.sha256 } });
});

it("gives versions without gaps when one name is uploaded at once", async () => {
  const replies = await Promise.all(
    [1, 2, 3, 4].map((n) => upload(server.url, key, "rush", `x\n${n}\n`)),
  );
  expect(replies.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
  expect(replies.map(({ body }) => body.version).toSorted()).toEqual([1, 2, 3, 4]);
});

it("keeps the file apart for each workspace", async () => {
  const b = await world.workspace();
  const { body } = await upload(server.url, key, "mine", CSV);
  const foreign = { authorization: `Bearer ${await b.key("admin")}` };
  for (const path of ["", "/preview", "/content", "/versions"]) {
    const url = `${server.url}/api/v1/datasets/${body.id}${path}`;
    expect(await send(url, "GET", foreign)).toMatchObject({ status: 404 });
  }
  const url = `${server.url}/api/v1/datasets/${body.id}`;
  expect(await send(url, "DELETE", foreign)).toMatchObject({ status: 404 });
});

it("refuses a viewer before it reads the file", async () => {
  const reply = await upload(server.url, await a.key("viewer"), "other", CSV);
  expect(reply).toMatchObject({ status: 403, body: { code: "forbidden" } });
  expect((await upload(server.url, "mdy_wrong", "other", CSV)).status).toBe(401);
});

it("reads line breaks, delimiters and doubled quotes inside quotes", async () => {
  const tricky = 'text,n\n"two\nlines, ""quoted"" ; and\r\nmore",1\n"",2\nplain,3\n';
  const { body } = await upload(server.url, key, "tricky", tricky);
  expect(body).toMatchObject({ rows: 3, delimiter: "," });
  const preview = await send(`${server.url}/api/v1/datasets/tricky/preview`, "GET", {
    authorization: `Bearer ${key}`,
  });
  expect(preview.body.rows).toEqual([
    { text: 'two\nlines, "quoted" ; and\r\nmore', n: 1 },
    { text: null, n: 2 },
    { text: "plain", n: 3 },
  ]);
});

it("takes a column's type from every row, not from the first ones", async () => {
  const rows = Array.from(
    { length: 20_000 },
    (_, i) => `${i},${i},${i},${i % 2 ? "true" : "false"}`,
  );
  rows.push("1.5,word,,maybe");
  const { body } = await upload(server.url, key, "late", `a,b,c,d\n${rows.join("\n")}\n`);
  expect(typesOf(body)).toEqual({ a: "number", b: "text", c: "integer", d: "text" });
});

it("counts the usual words for a missing value as missing, and an all-missing column as text", async () => {
  const csv = "a,b\n1,NA\nNaN,\n#N/A,null\n";
  const { body } = await upload(server.url, key, "missing", csv);
  expect(body.columns).toMatchObject([
    { type: "integer", nullCount: 2, distinct: 1 },
    { type: "text", nullCount: 3, distinct: 0, min: null, max: null, topValues: [] },
  ]);
});

it("survives numbers at the edge of what a double holds", async () => {
  const csv = "a,b,c\n1.7e308,inf,9007199254740993\n-1.7e308,1,2\n";
  const { status, body } = await upload(server.url, key, "edge", csv);
  expect(status).toBe(201);
  expect(body.columns[0]).toMatchObject({ type: "number", min: -1.7e308, max: 1.7e308 });
  expect(body.columns[0].histogram).toBeUndefined();
  expect(body.columns[1]).toMatchObject({ type: "number", min: 1, max: 1, nullCount: 0 });
  const preview = await send(`${server.url}/api/v1/datasets/edge/preview`, "GET", {
    authorization: `Bearer ${key}`,
  });
  expect(preview.body.rows[0]).toMatchObject({ b: "Infinity", c: "9007199254740993" });
});

it("reads Parquet with its own types", async () => {
  const content = await writeParquet(
    `select i::integer as i, i::decimal(10, 2) / 4 as price, i % 2 = 0 as even, 'n' || i as label,
       date '2024-01-01' + i::integer as day, timestamptz '2024-01-01 00:00:00+00' as at,
       case when i = 3 then 'nan'::double else i end as x from range(100) r(i)`,
  );
  const { status, body } = await upload(server.url, key, "parquet", content, "any.parquet");
  expect(status).toBe(201);
  expect(body).toMatchObject({ rows: 100, format: "parquet", delimiter: null });
  expect(typesOf(body)).toEqual({
    i: "integer",
    price: "number",
    even: "boolean",
    label: "text",
    day: "date",
    at: "timestamp",
    x: "number",
  });
  expect(body.columns.at(-1)).toMatchObject({ nullCount: 1, distinct: 99 });
});

it("never uses the file's name for more than a hint", async () => {
  const names = ["../../../etc/passwd", "/etc/cron.d/x", "..\\..\\x.csv", "C:\\x", "a%00b", ""];
  for (const [i, fileName] of names.entries()) {
    const { status } = await upload(server.url, key, `hint ${i}`, "x\n1\n", fileName);
    expect({ fileName, status }).toEqual({ fileName, status: 201 });
  }
});

it("takes the fields in any order", async () => {
  const form = multipart([
    { name: "file", content: "x\n1\n", fileName: "x.csv" },
    { name: "description", content: "ends with the name" },
    { name: "name", content: "ordered" },
  ]);
  const headers = { authorization: `Bearer ${key}`, "content-type": form.type };
  const reply = await send(`${server.url}/api/v1/datasets`, "POST", headers, form.body);
  expect(reply).toMatchObject({ status: 201, body: { description: "ends with the name" } });
});
