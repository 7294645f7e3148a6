import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newApiKey } from "@/server/access";
import { PERMISSIONS, type Permission, ROLE_PERMISSIONS, ROLES } from "@/server/access/constants";
import { newId } from "@/server/kernel/ids";
import { createApiApp } from "@/server/protocols/rest/app";
import { createDeployedWorld, type DeployedWorld } from "../deployments/support/deployed-world";
import {
  type PredictionServer,
  startPredictionServer,
} from "../predictions/support/prediction-server";
import { asOwner } from "../support/database";
import { startTestServer } from "../support/http";
import type { TestWorkspace } from "../support/workspace";
import { populate, randomThings, type Things } from "./support/populated";
import { type ListedRoute, listRoutes, PUBLIC_ROUTES, unlistedRoutes } from "./support/routes";
import { sendRoute } from "./support/send-route";

const routes = listRoutes();
const guarded = routes.filter((route) => route.permission);

let world: DeployedWorld;
let server: PredictionServer;
let a: TestWorkspace;
let b: TestWorkspace;
let thingsOfB: Things;
beforeAll(async () => {
  world = await createDeployedWorld();
  server = await startPredictionServer(world, world.nodes);
  a = await world.workspace();
  b = await world.workspace();
  thingsOfB = await populate(world, server, b);
});
afterAll(async () => {
  await server.close();
  await world.close();
});

/** What a key made for one run may do; said here again, so that widening it is noticed. */
const RUN_KEY: Permission[] = ["experiments:read", "experiments:write", "datasets:read"];

/** Beyond its permissions a run key makes and removes nothing but the contents of its run. */
const NOT_FOR_RUN_KEYS =
  /((list|save|delete)Views?|stopExperiment|summarizeExperimentMetrics|experiments\.(stop|metricSummary)|(archive|restore|purge|move|tag)Runs|updateExperiment|restoreExperiment|purgeExperiment|startExperimentRun|createRun|restoreRun|deleteExperiment|deleteRun|experiments\.(create|update|restore|delete|purge|createRun|restoreRun|deleteRun)|experiments\/(create|update|delete|restore|set-experiment-tag|delete-experiment-tag)|runs\/(create|delete|restore)|logged-models|experiments)$|^DELETE \/logged-models|\/traces|\/datasets\/(create|search|:dataset_id)/;

/** What a person does over workspaces, signed in, or over nodes, in the first workspace; and reviews, which no key without a person gives. */
const PEOPLE_ONLY =
  /((drain|resume|remove)Node|nodes\.(drain|resume|remove)|archiveWorkspace|restoreWorkspace|listArchivedWorkspaces|createWorkspace|reviewApproval|withdrawApproval|meetCondition)$/i;

async function runKey(workspace: TestWorkspace, runId: string): Promise<string> {
  const made = newApiKey();
  await asOwner(
    world.db.ownerUrl,
    `insert into api_keys (workspace_id, id, public_id, secret_hash, name, role, run_id)
     values ($1, $2, $3, $4, 'run key', 'data_scientist', $5)`,
    [workspace.id, newId(), made.publicId, made.secretHash, runId],
  );
  return made.key;
}

const label = (route: ListedRoute) => `${route.adapter} ${route.method} ${route.path}`;
/** Deleting comes last, so that what was decided before it was decided about something. */
const inOrder = (list: ListedRoute[]) =>
  [...list].sort(
    (x, y) =>
      Number(/delete|archive|erase|remove/i.test(x.method + x.name)) -
      Number(/delete|archive|erase|remove/i.test(y.method + y.name)),
  );

/** MLflow's clients fall back to plain uploads on the word NOT_IMPLEMENTED and its 501. */
const isBroken = (route: ListedRoute, status: number) =>
  status >= 500 && !(status === 501 && /\/(mpu|presigned)\//.test(route.path));

describe("the list of routes", () => {
  it("holds every adapter", () => {
    const counts = Map.groupBy(routes, (route) => route.adapter);
    expect(counts.get("REST")?.length).toBeGreaterThan(50);
    expect(counts.get("tRPC")?.length).toBeGreaterThan(50);
    expect(counts.get("MLflow")?.length).toBeGreaterThan(35);
    expect(counts.get("Open Inference")).toHaveLength(15);
  });

  it("has no route without a declared permission but the short list of public ones", () => {
    const open = routes.filter((route) => !route.permission);
    const allowed = Object.entries(PUBLIC_ROUTES).flatMap(([adapter, names]) =>
      names.map((name) => `${adapter} ${name}`),
    );
    expect(open.map((route) => `${route.adapter} ${route.name}`).sort()).toEqual(allowed.sort());
  });

  it("declares permissions that exist", () => {
    const strange = guarded.filter(({ permission }) => !PERMISSIONS.includes(permission as never));
    expect(strange.map(label)).toEqual([]);
  });

  it("is whole: the HTTP app holds no route that no adapter's table knows", () => {
    expect(unlistedRoutes(createApiApp(server.runtime) as never)).toEqual([]);
  });
});

describe("every route of every adapter", () => {
  it.each([...ROLES, "run key"] as const)(
    "decides for %s as the table of roles says: in its workspace, for nothing, and for another's",
    async (role) => {
      const workspace = await world.workspace();
      const own = await populate(world, server, workspace);
      const key =
        role === "run key" ? await runKey(workspace, own.runId) : await workspace.key(role);
      const may = (permission: Permission) =>
        role === "run key" ? RUN_KEY.includes(permission) : ROLE_PERMISSIONS[role].has(permission);
      const credential = `Bearer ${key}`;
      const bad: string[] = [];
      for (const route of inOrder(guarded)) {
        const allowed = may(route.permission as Permission);
        const [ofNothing, ofOther, ofOwn] = [
          await sendRoute(server.url, route, { things: randomThings(), credential }),
          await sendRoute(server.url, route, { things: thingsOfB, credential }),
          await sendRoute(server.url, route, { things: own, credential }),
        ];
        const refused = ofOwn.status === 403;
        const narrower =
          PEOPLE_ONLY.test(route.name) || (role === "run key" && NOT_FOR_RUN_KEYS.test(route.name));
        const wrong = refused === allowed && !(refused && narrower);
        if (wrong || ofOwn.status === 401 || isBroken(route, ofOwn.status)) {
          bad.push(`${label(route)}: ${ofOwn.status} where ${allowed ? "allowed" : "forbidden"}`);
        }
        if (ofNothing.status !== ofOther.status) {
          bad.push(
            `${label(route)}: ${ofOther.status} for another's, ${ofNothing.status} for none`,
          );
        }
      }
      expect(bad).toEqual([]);
    },
    300_000,
  );

  it("lets a key of one run reach no other run of its workspace", async () => {
    const own = await populate(world, server, a);
    const credential = `Bearer ${await runKey(a, randomUUID())}`;
    const bad: string[] = [];
    for (const route of guarded.filter(({ path }) => /\{run\}|\{rest\}/.test(path))) {
      const { status } = await sendRoute(server.url, route, { things: own, credential });
      if (status < 400) bad.push(`${label(route)}: ${status}`);
    }
    expect(bad).toEqual([]);
  });

  it("refuses a caller without credentials, in each of its wrong forms", async () => {
    const wrong = [
      undefined,
      `Bearer ${newApiKey().key}`,
      "Bearer",
      "Bearer \u00e9\u00ff",
      "Basic Og==",
      "Negotiate abc",
      `Bearer ${(await a.key("admin")).replace(/.$/, (last) => (last === "0" ? "1" : "0"))}`,
    ];
    // Behind a proxy that is believed, so that each wrong try has an address of its own.
    const limits = { keyPerSecond: 0, workspacePerSecond: 0, trustedProxies: 1 };
    const patient = await startTestServer(world, undefined, { limits });
    const bad: string[] = [];
    let tries = 0;
    for (const route of guarded) {
      for (const credential of wrong) {
        const things = thingsOfB;
        const isLane = route.adapter === "Open Inference";
        const url = isLane ? server.url : patient.url;
        const from = `198.51.${tries >> 8}.${tries++ & 255}`;
        const { status } = await sendRoute(url, route, { things, credential, from });
        // On the lane the one address waits after twenty wrong ones, which is no answer either.
        if (status !== 401 && !(isLane && status === 429 && credential)) {
          bad.push(`${label(route)} with ${credential}: ${status}`);
        }
      }
    }
    await patient.close();
    expect(bad).toEqual([]);
  }, 240_000);
});
