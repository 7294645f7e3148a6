import type { APIRequestContext, Page } from "@playwright/test";

export interface WalkedPage {
  name: string;
  path: string;
  /** Brings the page into the state that shall be looked at. */
  act?: (page: Page) => Promise<void>;
}

const WORKSPACE = "default";

interface Item {
  id: string;
  latestVersion?: number | null;
  status?: string;
  runCount?: number;
}

/** Every page of the product, with whatever things the workspace holds now. */
export async function listPages(api: APIRequestContext, origin: string): Promise<WalkedPage[]> {
  const list = async (path: string): Promise<Item[]> => {
    const answer = await api.get(`${origin}/api/v1/${path}`, {
      headers: { "x-modelyard-workspace": WORKSPACE },
    });
    return answer.ok() ? ((await answer.json()) as { items: Item[] }).items : [];
  };
  const [dataset] = await list("datasets");
  const model = (await list("models")).find((one) => one.latestVersion);
  const jobs = await list("training-jobs");
  const experiment = (await list("experiments")).find((one) => one.runCount);
  const runs = await list("runs?limit=4");
  const deployments = await list("deployments");
  const deployment = deployments.find((one) => one.status === "active") ?? deployments[0];
  const batches = await list("batch-jobs");
  const node = (await list("nodes")).find((one) => one.id);
  const at = (path: string) => `/${WORKSPACE}/${path}`;
  const page = (name: string, path: string, act?: WalkedPage["act"]): WalkedPage => ({
    name,
    path: at(path),
    ...(act && { act }),
  });
  return [
    { name: "signin", path: "/signin" },
    { name: "signin-error", path: "/signin?error=link" },
    { name: "not-found", path: "/no/such/page" },
    page("overview", "overview"),
    page("palette", "overview", async (p) => {
      await p.keyboard.press("Control+k");
      await p.getByPlaceholder(/Search pages/).waitFor();
    }),
    page("shortcuts", "overview", async (p) => {
      await p.keyboard.press("?");
      await p.getByRole("dialog").waitFor();
    }),
    page("datasets", "datasets"),
    page("datasets-upload", "datasets?upload=true", open),
    ...(dataset
      ? [
          page("dataset", `datasets/${dataset.id}`),
          page("dataset-preview", `datasets/${dataset.id}?tab=preview`),
          page("dataset-versions", `datasets/${dataset.id}?tab=versions`),
          page("dataset-column", `datasets/${dataset.id}`, async (p) => {
            await p.locator("tbody button, li button").first().click();
            await open(p);
          }),
        ]
      : []),
    page("batch-jobs", "predictions/batch-jobs"),
    page("batch-jobs-new", "predictions/batch-jobs?create=true", open),
    ...batches
      .slice(0, 2)
      .flatMap(({ id }, at) => [
        page(`batch-job-${at}`, `predictions/batch-jobs/${id}`),
        page(`batch-job-${at}-errors`, `predictions/batch-jobs/${id}?tab=errors`),
      ]),
    page("nodes", "nodes"),
    page("nodes-add", "nodes?show=add", open),
    ...(node ? [page("node", `nodes/${node.id}`)] : []),
    page("models", "registry"),
    page("approvals", "registry/approvals?show=all"),
    page("stages", "registry/stages"),
    page("stage-new", "registry/stages?edit=new", open),
    page("models-create", "registry?create=true", open),
    ...(model
      ? [
          page("model", `registry/${model.id}`),
          page("model-external", `registry/${model.id}?external=true`, open),
          page("model-compare", `registry/${model.id}?compare=1,${model.latestVersion}`),
          page("model-board", `registry/${model.id}?tab=board`),
          page("model-approvals", `registry/${model.id}?tab=approvals&show=all`),
          page("model-aliases", `registry/${model.id}?tab=aliases`),
          page("model-history", `registry/${model.id}?tab=history`),
          page("model-lineage", `registry/${model.id}?tab=lineage`),
          page("model-card", `registry/${model.id}?tab=card`),
          page("model-metrics", `registry/${model.id}?tab=metrics`),
          page("version", `registry/${model.id}/versions/${model.latestVersion}`),
          page(
            "version-lineage",
            `registry/${model.id}/versions/${model.latestVersion}?tab=lineage`,
          ),
          page(
            "version-move",
            `registry/${model.id}/versions/${model.latestVersion}?move=true`,
            open,
          ),
          page(
            "version-deploy",
            `registry/${model.id}/versions/${model.latestVersion}?deploy=true`,
            open,
          ),
        ]
      : []),
    page("training", "training"),
    page("training-new", "training/new"),
    ...jobs
      .slice(0, 1)
      .flatMap((job) => [
        page("job", `training/${job.id}`),
        page("job-log", `training/${job.id}?tab=log`),
        page("job-settings", `training/${job.id}?tab=settings`),
      ]),
    page("experiments", "experiments"),
    ...(experiment ? [page("experiment", `experiments/${experiment.id}`)] : []),
    ...runs
      .slice(0, 1)
      .flatMap((run) => [
        page("run", `experiments/runs/${run.id}`),
        page("run-values", `experiments/runs/${run.id}?tab=values`),
        page("run-artifacts", `experiments/runs/${run.id}?tab=artifacts`),
      ]),
    ...(runs.length > 1
      ? [page("compare-runs", `experiments/compare?runs=${runs.map((run) => run.id).join(",")}`)]
      : []),
    page("request-log", "predictions"),
    page("request-log-filters", "predictions?unit=nobody&feature=age&value=3"),
    page("request-log-open", "predictions?live=false", async (p) => {
      await p.getByRole("list", { name: "Requests" }).getByRole("button").first().click();
      await p.getByText("from socket to reply").waitFor();
    }),
    page("request-log-year", "predictions?within=525600"),
    page("outcomes-upload", "predictions?live=false", async (p) => {
      await p.getByRole("button", { name: "Outcomes" }).click();
      await open(p);
    }),
    page("workspace-settings", "settings/workspace"),
    page("deployments", "deployments"),
    ...(deployment
      ? [
          page("deployment", `deployments/${deployment.id}`),
          page("playground", `deployments/${deployment.id}?tab=playground`),
          page("playground-json", `deployments/${deployment.id}?tab=playground&as=json`),
          page("predictions", `deployments/${deployment.id}?tab=predictions`),
          page("deployment-settings", `deployments/${deployment.id}?tab=settings`),
        ]
      : []),
    // Those in a roll-out, a canary as much as a shadow.
    ...deployments
      .filter((one) => one.status !== "active")
      .slice(0, 2)
      .map(({ id }, at) => page(`deployment-rolling-${at}`, `deployments/${id}`)),
    page("members", "settings/members"),
    page("api-keys", "settings/api-keys"),
    page("api-keys-create", "settings/api-keys?create=true", open),
    page("grants", "settings/grants"),
    page("grant-add", "settings/grants?add=true", open),
    page("roles", "settings/roles"),
    page("webhooks", "settings/webhooks"),
    page("audit", "settings/audit"),
  ];
}

async function open(page: Page): Promise<void> {
  await page.getByRole("dialog").waitFor();
  await page.waitForTimeout(300);
}
