import { Readable } from "node:stream";
import { inviteMember } from "@/server/access";
import {
  createAssessment,
  createExperiment,
  createLoggedModel,
  createRun,
  logBatch,
  putRunArtifact,
  startTrace,
} from "@/server/experiments";
import type { Context } from "@/server/kernel/context";
import { newId } from "@/server/kernel/ids";
import { createBatchJob } from "@/server/predictions/jobs/create-job";
import { requestStage } from "@/server/registry";
import { createBenchmark } from "@/server/registry/benchmarks/create-benchmark";
import { createStage } from "@/server/registry/stages/create-stage";
import { startTraining } from "@/server/training";
import { upload } from "../../datasets/upload-form";
import { type DeployedWorld, deployModel } from "../../deployments/support/deployed-world";
import { call, type PredictionServer } from "../../predictions/support/prediction-server";
import { asOwner } from "../../support/database";
import type { TestWorkspace } from "../../support/workspace";

/** One thing of each kind in a workspace, by the names that paths and inputs use. */
export interface Things {
  workspaceId: string;
  workspaceSlug: string;
  modelId: string;
  modelName: string;
  versionId: string;
  deploymentId: string;
  deploymentName: string;
  rollOutId: string;
  datasetId: string;
  datasetName: string;
  experimentId: string;
  experimentName: string;
  experimentNumber: string;
  runId: string;
  loggedModelId: string;
  traceId: string;
  assessmentId: string;
  jobId: string;
  approvalId: string;
  benchmarkId: string;
  batchJobId: string;
  userId: string;
  invitationId: string;
  apiKeyId: string;
  artifactPath: string;
}

const CSV = `a,b,y\n${Array.from({ length: 60 }, (_, i) => `${i},${i % 7},${i % 2}`).join("\n")}\n`;

let counter = 0;

/** Fills a workspace by verbs and over HTTP, as its people would. */
export async function populate(
  world: DeployedWorld,
  server: PredictionServer,
  workspace: TestWorkspace,
): Promise<Things> {
  const n = ++counter;
  const ctx = workspace.as("admin");
  const key = await workspace.key("admin");
  const deploymentName = `live-${n}`;
  const deployed = await deployModel(world, workspace, deploymentName);
  const dataset = await upload(server.url, key, `customers ${n}`, CSV);
  if (dataset.status !== 201) throw new Error(`upload: ${JSON.stringify(dataset.body)}`);
  const experiment = await createExperiment(ctx, { name: `study ${n}` });
  const run = await createRun(ctx, { experimentId: experiment.id, name: `run ${n}` });
  const metrics = [{ key: "loss", value: 0.5, timestamp: 1, step: 0 }];
  await logBatch(ctx, { runId: run.id, metrics, tags: [{ key: "team", value: "a" }] });
  const artifactPath = "notes/readme.txt";
  await putRunArtifact(ctx, {
    owner: { kind: "run", id: run.id },
    path: artifactPath,
    content: Readable.from([`contents of workspace ${workspace.slug}`]),
  });
  const logged = await createLoggedModel(ctx, {
    experiment: experiment.id,
    sourceRunId: run.id,
    name: `logged-${n}`,
  });
  const { jobId } = await startTraining(ctx, {
    model: deployed.modelId,
    datasetId: dataset.body.id,
    target: "y",
    algorithm: "linear_regression",
  });
  const predicted = await call(`${server.url}/api/v1/deployments/${deploymentName}/predict`, key, {
    input: { a: 1, b: 2 },
  });
  if (predicted.status !== 200) throw new Error(`predict: ${JSON.stringify(predicted.body)}`);
  await server.gateway.logs.flush();
  const invitation = await inviteMember(ctx, { name: `Guest ${n}`, role: "viewer" });
  return {
    workspaceId: workspace.id,
    workspaceSlug: workspace.slug,
    ...deployed,
    deploymentName,
    datasetId: dataset.body.id,
    datasetName: `customers ${n}`,
    experimentId: experiment.id,
    experimentName: `study ${n}`,
    experimentNumber: String(experiment.number),
    runId: run.id,
    loggedModelId: logged.id,
    ...(await addTrace(ctx, experiment.number)),
    jobId,
    approvalId: await askForReview(ctx, deployed.modelId),
    benchmarkId: await askForBenchmark(ctx, deployed.modelId, dataset.body.id),
    batchJobId: await askForBatchJob(ctx, deploymentName, dataset.body.id),
    artifactPath,
    invitationId: invitation.id,
    ...(await addPeople(world, workspace)),
  };
}

/** A trace and what somebody says of it. */
async function addTrace(ctx: Context, experimentNumber: number) {
  const traceId = `tr-${newId().replaceAll("-", "")}`;
  await startTrace(ctx, { traceId, experimentNumber, requestTime: 1, state: "OK" });
  const said = await createAssessment(ctx, { traceId, name: "good", body: {} });
  return { traceId, assessmentId: said.id };
}

/** A request that waits, for a stage of the workspace's own. */
async function askForReview(ctx: Context, model: string): Promise<string> {
  await createStage(ctx, { key: "reviewed", name: "Reviewed", needsApproval: true });
  const asked = await requestStage(ctx, { model, version: "1", stage: "reviewed" });
  if (!asked.approval) throw new Error("nothing waits");
  return asked.approval.id;
}

async function askForBenchmark(ctx: Context, model: string, dataset: string): Promise<string> {
  return (await createBenchmark(ctx, { model, dataset, versions: ["1"] })).id;
}

async function askForBatchJob(ctx: Context, deployment: string, dataset: string): Promise<string> {
  return (await createBatchJob(ctx, { deployment, dataset })).id;
}

async function addPeople(world: DeployedWorld, workspace: TestWorkspace) {
  const owner = (text: string, values: unknown[]) => asOwner(world.db.ownerUrl, text, values);
  const userId = newId();
  await owner("insert into users (id, name, email) values ($1, 'Ada', 'ada@example.org')", [
    userId,
  ]);
  await owner("insert into members (workspace_id, user_id, role) values ($1, $2, 'viewer')", [
    workspace.id,
    userId,
  ]);
  await workspace.key("viewer");
  const [row] = await asOwner<{ id: string }>(
    world.db.ownerUrl,
    "select id from api_keys where workspace_id = $1 and role = 'viewer' limit 1",
    [workspace.id],
  );
  return { userId, apiKeyId: row?.id ?? "" };
}

/** Things that exist nowhere, of the same form. */
export function randomThings(): Things {
  const n = newId().slice(-6);
  return {
    workspaceId: newId(),
    workspaceSlug: `nowhere-${n}`,
    modelId: newId(),
    modelName: `model-x${n}`,
    versionId: newId(),
    deploymentId: newId(),
    deploymentName: `live-x${n}`,
    rollOutId: newId(),
    datasetId: newId(),
    datasetName: `customers x${n}`,
    experimentId: newId(),
    experimentName: `study x${n}`,
    experimentNumber: String(800_000_000 + Math.floor(Math.random() * 1e8)),
    runId: newId(),
    loggedModelId: newId(),
    traceId: `tr-${newId().replaceAll("-", "")}`,
    assessmentId: newId(),
    jobId: newId(),
    approvalId: newId(),
    benchmarkId: newId(),
    batchJobId: newId(),
    userId: newId(),
    invitationId: newId(),
    apiKeyId: newId(),
    artifactPath: "notes/readme.txt",
  };
}

/** Ids and names a member of a path, query or body may have, best first. */
export function valuesFor(property: string, things: Things, context: string): string[] {
  const t = things;
  const dashless = t.runId.replaceAll("-", "");
  const table: Record<string, string[]> = {
    model: [t.modelId, t.modelName],
    modelId: [t.modelId],
    model_id: [`m-${t.loggedModelId.replaceAll("-", "")}`],
    model_ids: [`m-${t.loggedModelId.replaceAll("-", "")}`],
    trace_id: [t.traceId],
    trace_ids: [t.traceId],
    request_id: [t.traceId],
    request_ids: [t.traceId],
    assessment_id: [`a-${t.assessmentId.replaceAll("-", "")}`],
    v: ["1", t.versionId],
    version: ["1", t.versionId],
    versionId: [t.versionId],
    deployment: [t.deploymentId, t.deploymentName],
    deploymentId: [t.deploymentId],
    rollOut: [t.rollOutId],
    dataset: [t.datasetId],
    datasetId: [t.datasetId],
    experiment: [t.experimentId, t.experimentName],
    experimentId: [t.experimentId],
    experimentName: [t.experimentName],
    experiment_id: [t.experimentNumber],
    experiment_ids: [t.experimentNumber],
    experiment_name: [t.experimentName],
    run: [t.runId, dashless],
    runId: [t.runId],
    run_id: [dashless],
    run_uuid: [dashless],
    source_run_id: [dashless],
    job: [t.jobId],
    approval: [t.approvalId],
    benchmark: [t.benchmarkId],
    batchJob: [t.batchJobId],
    userId: [t.userId],
    path: [t.artifactPath],
    rest: [`${t.experimentNumber}/${dashless}/artifacts/${t.artifactPath}`],
    workspace: [t.workspaceSlug],
    workspaceId: [t.workspaceId],
    id: [context.includes("key") || context.includes("Key") ? t.apiKeyId : t.invitationId],
  };
  return table[property] ?? [];
}
