import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { baseUrl, expect, rest, test } from "./session";

/** The training environment is made at the first start, and the sandbox takes a while to import it. */
const PATIENCE = { timeout: 150_000 };

async function mlflow<T>(method: string, path: string, body: string | object): Promise<T> {
  const reply = await fetch(`${baseUrl()}/api/2.0${path}`, {
    method,
    headers: {
      authorization: `Bearer ${process.env.E2E_KEY}`,
      "content-type": typeof body === "string" ? "application/octet-stream" : "application/json",
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`);
  return (await reply.json()) as T;
}

const signature = JSON.stringify(
  ["age", "balance"].map((name) => ({ name, type: "double", required: true })),
);
const MLMODEL = `flavors:
  xgboost:
    data: model.json
    model_class: xgboost.core.Booster
    model_format: json
signature:
  inputs: '${signature}'
`;

/** A model with one version, logged as MLflow's client logs a booster; answers the version's page. */
async function logBooster(name: string, booster: string): Promise<string> {
  const { run } = await mlflow<{ run: { info: { run_id: string } } }>(
    "POST",
    "/mlflow/runs/create",
    { experiment_id: "0" },
  );
  const place = `0/${run.info.run_id}/artifacts/model`;
  await mlflow("PUT", `/mlflow-artifacts/artifacts/${place}/MLmodel`, MLMODEL);
  await mlflow("PUT", `/mlflow-artifacts/artifacts/${place}/model.json`, booster);
  await mlflow("POST", "/mlflow/registered-models/create", { name });
  await mlflow("POST", "/mlflow/model-versions/create", {
    name,
    source: `mlflow-artifacts:/${place}`,
    run_id: run.info.run_id,
  });
  const version = await rest<{ id: string; modelId: string }>("GET", `/models/${name}/versions/1`);
  return `/default/registry/${version.modelId}/versions/${version.id}`;
}

test("a native model becomes ONNX when it is deployed, and its page says how", async ({
  signedIn: page,
}) => {
  const name = `booster-${Date.now()}`;
  const booster = await readFile(join(import.meta.dirname, "small-booster.json"), "utf8");
  const address = await logBooster(name, booster);
  await page.goto(address);
  await expect(
    page.getByText("becomes ONNX in a sandbox when this version is deployed"),
  ).toBeVisible();
  await page.getByRole("button", { name: "Deploy" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Deploy" }).click();
  await expect(page).toHaveURL(/\/deployments\/[0-9a-f-]{36}/);
  await page.goto(address);
  await expect(page.getByText("the booster's own trees", { exact: true })).toBeVisible(PATIENCE);
  await expect(page.getByText("Succeeded", { exact: true })).toBeVisible();
  await expect
    .poll(
      async () => (await rest<{ status: string }>("GET", `/deployments/${name}`)).status,
      PATIENCE,
    )
    .toBe("active");
  const answer = await rest<{ predictions: number[] }>("POST", `/deployments/${name}/predict`, {
    input: { age: 0.9, balance: 0.1 },
  });
  expect(answer.predictions).toEqual([1]);
});

test("a file that is no model is refused by the sandbox, and the page says why", async ({
  signedIn: page,
}) => {
  const name = `broken-${Date.now()}`;
  const address = await logBooster(name, "{}");
  const { id } = await rest<{ id: string }>("GET", `/models/${name}/versions/1`);
  await rest("POST", `/models/${name}/deploy`, { versionId: id, name, environment: "production" });
  await page.goto(address);
  await expect(page.getByText("Failed", { exact: true }).first()).toBeVisible(PATIENCE);
  await expect(page.getByRole("alert").filter({ hasText: /\w/ }).first()).toBeVisible();
  await page.getByText("Log", { exact: true }).click();
  await expect(page.getByRole("region", { name: "Conversion log" })).toBeVisible();
});
