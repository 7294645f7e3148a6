import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { Client } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { inviteMember } from "@/server/access";
import {
  decodeVerifier,
  encodeVerifier,
  loadSigner,
  verifyAgainstCheckpoints,
  writeCheckpoint,
} from "@/server/audit";
import { createModel } from "@/server/registry";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";

const TAMPERINGS = Number(process.env.TAMPERINGS ?? 1000);
const ROWS = 30;

let world: TestWorld;
let workspace: TestWorkspace;
let other: TestWorkspace;
let folder: string;
let owner: Client;
beforeAll(async () => {
  world = await createTestWorld();
  workspace = await world.workspace();
  other = await world.workspace();
  folder = await mkdtemp(join(tmpdir(), "modelyard-checkpoints-"));
  for (let i = 0; i < ROWS; i++) {
    const ctx = workspace.as("admin");
    if (i % 3 === 0) await inviteMember(ctx, { name: `Person ${i}`, role: "viewer" });
    else await createModel(ctx, { name: `m${i}`, type: "regression", framework: "xgboost" });
    if (i % 7 === 0) await writeCheckpoint(folder, workspace.job());
  }
  await createModel(other.as("admin"), { name: "o", type: "regression", framework: "xgboost" });
  await writeCheckpoint(folder, workspace.job());
  owner = new Client({ connectionString: world.db.ownerUrl });
  await owner.connect();
});
afterAll(async () => {
  await owner.end();
  await world.close();
  await rm(folder, { recursive: true, force: true });
});

const verify = async () => {
  const { id: workspaceId, slug } = workspace;
  const scope = { db: world.db, workspaceId, slug };
  return verifyAgainstCheckpoints(scope, folder, await loadSigner(folder));
};

const seq = fc.integer({ min: 1, max: ROWS });
const COLUMNS = {
  at: "at = at + interval '1 millisecond' * (1 + $2::text::int)",
  actor: "actor = actor || jsonb_build_object('role', 'x' || $2::text)",
  actorId: "actor = jsonb_set(actor, '{userId}', to_jsonb('x' || $2::text))",
  action: "action = action || $2::text",
  subjectType: "subject_type = subject_type || $2::text",
  subjectId: "subject_id = subject_id || $2::text",
  before: "before = jsonb_build_object('n', 'x' || $2::text)",
  after: "after = coalesce(after, '{}') || jsonb_build_object('extra', 'x' || $2::text)",
  requestId: "request_id = request_id || $2::text",
  prevHash: "prev_hash = sha256(convert_to($2::text, 'UTF8'))",
  hash: "hash = sha256(convert_to($2::text, 'UTF8'))",
  seq: "seq = seq + 1000 + $2::text::int",
  negativeSeq: "seq = -seq - $2::text::int",
  workspace:
    "workspace_id = (select id from workspaces where id <> workspace_id limit 1), seq = seq + 500 + $2::text::int",
} as const;

type Tampering =
  | { kind: "change"; seq: number; column: keyof typeof COLUMNS; salt: number }
  | { kind: "personal"; nth: number; salt: number }
  | { kind: "delete"; seq: number; count: number }
  | { kind: "truncate"; keep: number }
  | { kind: "swap"; first: number; second: number }
  | { kind: "insert"; seq: number; above: boolean }
  | { kind: "replace"; seq: number; from: number };

const tampering: fc.Arbitrary<Tampering> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("change" as const),
      seq,
      column: fc.constantFrom(...(Object.keys(COLUMNS) as (keyof typeof COLUMNS)[])),
      salt: fc.nat({ max: 400 }),
    }),
  },
  fc.record({ kind: fc.constant("personal" as const), nth: fc.nat(9), salt: fc.nat() }),
  fc.record({ kind: fc.constant("delete" as const), seq, count: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ kind: fc.constant("truncate" as const), keep: fc.nat({ max: ROWS - 1 }) }),
  fc
    .record({ kind: fc.constant("swap" as const), first: seq, second: seq })
    .filter(({ first, second }) => first !== second),
  fc.record({ kind: fc.constant("insert" as const), seq, above: fc.boolean() }),
  fc
    .record({ kind: fc.constant("replace" as const), seq, from: seq })
    .filter((one) => one.seq !== one.from),
);

const OTHERS =
  "at, actor, action, subject_type, subject_id, before, after, request_id, prev_hash, hash";

/** Does it as the tables' owner, who passes by grants; each is undone afterwards. */
async function tamper(what: Tampering): Promise<void> {
  const run = (text: string, values: unknown[]) =>
    owner.query(text.replaceAll("$1", `'${workspace.id}'`), values);
  const shift = (from: number, by: number) =>
    run(`update audit_log set seq = -seq where workspace_id = $1 and seq >= ${from}`, []).then(() =>
      run(`update audit_log set seq = -seq + ${by} where workspace_id = $1 and seq < 0`, []),
    );
  switch (what.kind) {
    case "change": {
      const set = COLUMNS[what.column].replaceAll("$2::text", `'${what.salt}'`);
      await run(`update audit_log set ${set} where workspace_id = $1 and seq = ${what.seq}`, []);
      return;
    }
    case "personal":
      await run(
        `update audit_personal set data = jsonb_build_object('name', 'x${what.salt}') where id =
         (select id from audit_personal where workspace_id = $1 order by id offset ${what.nth} limit 1)`,
        [],
      );
      return;
    case "delete":
      await run(
        `delete from audit_log where workspace_id = $1 and seq >= ${what.seq} and seq < ${what.seq + what.count}`,
        [],
      );
      // Half of the thieves close the gap behind them.
      if (what.seq % 2 === 0) await shift(what.seq, -what.count);
      return;
    case "truncate":
      await run(`delete from audit_log where workspace_id = $1 and seq > ${what.keep}`, []);
      return;
    case "swap":
      await run(
        `update audit_log set seq = case seq when ${what.first} then -${what.second} else -${what.first} end
         where workspace_id = $1 and seq in (${what.first}, ${what.second})`,
        [],
      );
      await run("update audit_log set seq = -seq where workspace_id = $1 and seq < 0", []);
      return;
    case "insert": {
      const at = what.above ? ROWS + 1 : what.seq;
      if (!what.above) await shift(what.seq, 1);
      await run(
        `insert into audit_log (workspace_id, seq, ${OTHERS}) select workspace_id, ${at}, ${OTHERS}
         from audit_log where workspace_id = $1 order by seq limit 1`,
        [],
      );
      return;
    }
    case "replace":
      await run(
        `update audit_log a set (${OTHERS}) = (select ${OTHERS} from audit_log b
         where b.workspace_id = $1 and b.seq = ${what.from})
         where a.workspace_id = $1 and a.seq = ${what.seq}`,
        [],
      );
  }
}

const CHAIN = ["audit_log", "audit_personal"];

async function restore(): Promise<void> {
  for (const table of CHAIN) {
    await owner.query(`truncate ${table}; insert into ${table} select * from ${table}_kept`);
  }
}

it(`finds each of ${TAMPERINGS} random tamperings by the tables' owner`, async () => {
  expect(await verify()).toMatchObject({ rows: ROWS, broken: null, checkpoints: 6 });
  for (const table of CHAIN) await owner.query(`create table ${table}_kept as table ${table}`);
  const kinds = new Map<string, number>();
  let found = 0;
  for (const what of fc.sample(tampering, { numRuns: TAMPERINGS, seed: 20261121 })) {
    await tamper(what);
    const { broken } = await verify();
    expect(broken, JSON.stringify(what)).not.toBeNull();
    found += 1;
    kinds.set(what.kind, (kinds.get(what.kind) ?? 0) + 1);
    await restore();
  }
  expect(found).toBe(TAMPERINGS);
  expect(kinds.size).toBe(7);
  expect((await verify()).broken).toBeNull();
}, 170_000);

it("finds a whole chain written anew with right hashes, by its checkpoints", async () => {
  const fresh = await world.workspace();
  for (const name of ["a", "b"]) {
    await createModel(fresh.as("admin"), { name, type: "regression", framework: "xgboost" });
  }
  await writeCheckpoint(folder, fresh.job());
  await owner.query("delete from audit_log where workspace_id = $1", [fresh.id]);
  for (const name of ["c", "d", "e"]) {
    await createModel(fresh.as("admin"), { name, type: "regression", framework: "xgboost" });
  }
  const scope = { db: world.db, workspaceId: fresh.id, slug: fresh.slug };
  const { broken } = await verifyAgainstCheckpoints(scope, folder, await loadSigner(folder));
  expect(broken).toEqual({ seq: 2, reason: "a signed checkpoint says otherwise" });
});

it("believes no checkpoint that another key signed or that was changed", async () => {
  const path = join(folder, `${workspace.id}.notes`);
  const kept = await readFile(path, "utf8");
  await writeFile(path, kept.replace(/\n8\n/, "\n9\n"));
  expect((await verify()).broken?.reason).toMatch(/no signature of ours/);
  await writeFile(path, kept);
  const elsewhere = await mkdtemp(join(tmpdir(), "modelyard-checkpoints-"));
  const stranger = await loadSigner(elsewhere);
  const scope = { db: world.db, workspaceId: workspace.id, slug: "w" };
  const verified = await verifyAgainstCheckpoints(scope, folder, stranger);
  expect(verified).toMatchObject({ checkpoints: 0, broken: expect.anything() });
  await rm(elsewhere, { recursive: true });
  expect((await verify()).broken).toBeNull();
});

it("writes a verifier that can be kept elsewhere and read back", async () => {
  const signer = await loadSigner(folder);
  const text = encodeVerifier(signer);
  expect(encodeVerifier(decodeVerifier(text))).toBe(text);
  expect((await readFile(join(folder, "verifier"), "utf8")).trim()).toBe(text);
  expect(() => decodeVerifier(text.replace("+", "x+"))).toThrow();
});

it("writes no checkpoint while nothing happened", async () => {
  expect(await writeCheckpoint(folder, workspace.job())).toBeUndefined();
});
