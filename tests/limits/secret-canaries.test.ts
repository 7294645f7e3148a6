import pino from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createOidcProvider } from "@/server/access";
import { createLog } from "@/server/kernel/log";
import { createDeployedWorld, type DeployedWorld } from "../deployments/support/deployed-world";
import {
  type PredictionServer,
  startPredictionServer,
} from "../predictions/support/prediction-server";
import { asOwner } from "../support/database";
import { TEST_SECRET } from "../support/test-secret";
import type { TestWorkspace } from "../support/workspace";
import { populate, type Things } from "../tenancy/support/populated";
import { canaryCalls, FIELD, leaksIn, SECRETS } from "./support/canary-calls";

const lines: string[] = [];
const sink = { write: (line: string) => void lines.push(line) };

let world: DeployedWorld;
let server: PredictionServer;
let workspace: TestWorkspace;
let things: Things;
let good: string;
beforeAll(async () => {
  world = await createDeployedWorld();
  server = await startPredictionServer(world, world.nodes);
  server.runtime.log = createLog("web", "trace", sink);
  server.runtime.limits.trustedProxies = 1;
  workspace = await world.workspace();
  things = await populate(world, server, workspace);
  good = await workspace.key("admin");
  await createOidcProvider(workspace.as("admin"), {
    name: "IdP",
    issuer: "https://example.org",
    clientId: "modelyard",
    clientSecret: SECRETS.clientSecret,
  });
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const secrets = () => ({ ...SECRETS, good: good.slice(17), installation: TEST_SECRET });

/** Bodies of refusals and failures, all of them. */
async function round(): Promise<{
  errors: string;
  failures: string;
  statuses: Set<number>;
}> {
  const errors: string[] = [];
  const failures: string[] = [];
  const statuses = new Set<number>();
  const queue = canaryCalls(things, good);
  const lane = async () => {
    for (let call = queue.pop(); call; call = queue.pop()) {
      const { method, headers, body } = call;
      const reply = await fetch(server.url + call.path, {
        method,
        headers,
        redirect: "manual",
        ...(body === undefined ? {} : { body }),
      });
      const text = await reply.text();
      statuses.add(reply.status);
      if (reply.status >= 500) failures.push(text);
      if (reply.status >= 400) errors.push(text, JSON.stringify([...reply.headers]));
    }
  };
  await Promise.all(Array.from({ length: 6 }, lane));
  return { errors: errors.join("\n"), failures: failures.join("\n"), statuses };
}

/** From here on each write fails with what the driver says, the row and its values included. */
async function breakTables(): Promise<void> {
  const keep = ["api_keys", "idempotent_answers"];
  const rows = await asOwner<{ name: string }>(
    world.db.ownerUrl,
    "select relname as name from pg_class where relkind in ('r', 'p') and not relispartition and relnamespace = 'public'::regnamespace and relname <> all ($1)",
    [keep],
  );
  const broken = rows.map(
    ({ name }) => `alter table "${name}" add constraint broken check (false) not valid`,
  );
  await asOwner(world.db.ownerUrl, broken.join(";"));
}

describe("a secret in any header or field of any route", () => {
  it("is in no log line, error body, metric, audit row or event", async () => {
    const { errors, statuses } = await round();
    expect([...statuses]).toEqual(expect.arrayContaining([200, 401, 404, 422]));
    expect(leaksIn(errors, secrets())).toEqual([]);
    expect(leaksIn(lines.join(""), { ...secrets(), field: FIELD })).toEqual([]);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    const tables = await asOwner<{ rows: string }>(
      world.db.ownerUrl,
      "select coalesce((select string_agg(l::text, ' ') from audit_log l), '') || coalesce((select string_agg(o::text, ' ') from outbox o), '') as rows",
    );
    expect(tables[0]?.rows).toContain(FIELD);
    expect(leaksIn(`${metrics}${tables[0]?.rows}`, secrets())).toEqual([]);
  }, 180_000);

  it("is in no log line or error body when every write breaks", async () => {
    await breakTables();
    const { errors, failures, statuses } = await round();
    expect([...statuses]).toContain(500);
    expect(lines.some((line) => line.includes("request failed"))).toBe(true);
    expect(leaksIn(errors, secrets())).toEqual([]);
    expect(leaksIn(failures, { field: FIELD })).toEqual([]);
    expect(leaksIn(lines.join(""), { ...secrets(), field: FIELD })).toEqual([]);
  }, 180_000);

  it("would be found by this test: a log that keeps no list leaks", async () => {
    lines.length = 0;
    server.runtime.log = pino({ level: "trace" }, sink);
    await round();
    expect(leaksIn(lines.join(""), { field: FIELD })).toEqual(["field"]);
    server.runtime.log.info({ headers: { cookie: SECRETS.cookie } }, "asked");
    expect(leaksIn(lines.join(""), secrets())).toContain("cookie");
  }, 180_000);
});
