import type { Page } from "@playwright/test";
import sharp from "sharp";
import { constant, onnxModel } from "../node/support/onnx-writer";
import { imageModel } from "../predictions/support/image-model";
import { expect, expectAccessible, rest, test } from "./session";

const PATIENCE = { timeout: 60_000 };
const unique = Date.now();
const WIDTHS = [1440, 390];

/** prediction = 3a - 2b. */
const slopes = () =>
  onnxModel({
    nodes: [{ op: "MatMul", inputs: ["numeric", "weights"], outputs: ["prediction"] }],
    constants: [constant("weights", "FP64", [2], [3, -2])],
    inputs: [{ name: "numeric", type: "FP64", shape: ["batch", 2] }],
    outputs: [{ name: "prediction", type: "FP64", shape: ["batch"] }],
  });

let dot: Buffer;

interface Made {
  model: string;
  version: string;
  deployment: string;
}
const made: Record<"slopes" | "photos", Made> = {
  slopes: { model: "", version: "", deployment: "" },
  photos: { model: "", version: "", deployment: "" },
};

async function deploy(
  name: keyof typeof made,
  type: string,
  onnx: Buffer,
  fields: Record<string, unknown>,
): Promise<void> {
  const called = `${name}-${unique}`;
  const { id } = await rest<{ id: string }>("POST", "/models", {
    name: called,
    type,
    framework: "onnx",
  });
  const form = new FormData();
  for (const [field, value] of Object.entries(fields)) form.set(field, JSON.stringify(value));
  form.set("model", new Blob([new Uint8Array(onnx)]), "model.onnx");
  const version = await rest<{ id: string }>("POST", `/models/${id}/versions`, form);
  const asked = { versionId: version.id, name: called, environment: "development" };
  const { deploymentId } = await rest<{ deploymentId: string }>(
    "POST",
    `/models/${id}/deploy`,
    asked,
  );
  made[name] = { model: id, version: version.id, deployment: deploymentId };
  const state = async () =>
    (await rest<{ status: string }>("GET", `/deployments/${deploymentId}`)).status;
  await expect.poll(state, PATIENCE).toBe("active");
}

test.beforeAll(async () => {
  test.setTimeout(180_000);
  const blue = { width: 8, height: 8, channels: 3, background: "#2040c0" } as const;
  dot = await sharp({ create: blue }).png().toBuffer();
  await deploy("slopes", "regression", slopes(), {
    features: ["a", "b"],
    inputExample: { a: 2, b: 1 },
  });
  await deploy("photos", "classification", imageModel(), {
    classes: ["cat", "dog"],
    image: { scale: 1 / 255 },
  });
});

const open = async (page: Page, { deployment }: Made, more = "") => {
  await page.goto(`/default/deployments/${deployment}?tab=playground${more}`);
  await expect(page.getByRole("button", { name: "Predict", exact: true })).toBeVisible(PATIENCE);
};
const predict = (page: Page) => page.getByRole("button", { name: "Predict", exact: true }).click();
/** Nothing is wider than the screen. */
const fits = async (page: Page, width: number) =>
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
    width,
  );

for (const width of WIDTHS) {
  test(`at ${width} pixels a prediction shows what moved it, as steps and as a table`, async ({
    signedIn: page,
  }) => {
    await page.setViewportSize({ width, height: 900 });
    // Typical values are what contributions are measured from.
    const version = `/models/${made.slopes.model}/versions/1`;
    const { signature } = await rest<{ signature: { features: object[] } }>("GET", version);
    const features = signature.features.map((one) => ({ ...one, min: 0, max: 2, mean: 1 }));
    await rest("PUT", `${version}/signature`, { signature: { ...signature, features } });
    await open(page, made.slopes);
    await page.getByRole("checkbox", { name: "Show what moved it" }).click();
    await expect(page).toHaveURL(/explain=true/);
    // Gateways follow the signature a moment later.
    const moved = page.getByRole("region", { name: "What moved the prediction" });
    await expect(async () => {
      await predict(page);
      await expect(moved).toBeVisible({ timeout: 5_000 });
    }).toPass(PATIENCE);
    await expect(moved.getByText(/Most of all a = 2/)).toBeVisible();
    await expect(page.getByText("4", { exact: true }).first()).toBeVisible();
    await expectAccessible(page);
    await fits(page, width);
    await moved.getByRole("button", { name: /View as table/ }).click();
    await expect(moved.getByRole("row", { name: /^a 2 \+3/ })).toBeVisible();
  });

  test(`at ${width} pixels an image is uploaded, shown and predicted`, async ({
    signedIn: page,
  }) => {
    await page.setViewportSize({ width, height: 900 });
    await open(page, made.photos);
    await expect(page.getByRole("checkbox", { name: "Show what moved it" })).toHaveCount(0);
    const picker = page.locator("input[type=file]");
    await picker.setInputFiles({ name: "dot.txt", mimeType: "text/plain", buffer: dot });
    await expect(page.getByText(/PNG, JPEG/).first()).toBeVisible();
    await picker.setInputFiles({ name: "dot.png", mimeType: "image/png", buffer: dot });
    await expect(page.getByRole("img", { name: "Preview of dot.png" })).toBeVisible();
    await predict(page);
    // Another test gives the classes other names.
    await expect(page.getByText(/^(cat|dog|chat|chien)$/).first()).toBeVisible(PATIENCE);
    await expect(page.getByText("Latency in the server")).toBeVisible();
    await expectAccessible(page);
    await fits(page, width);
  });

  test(`at ${width} pixels a signature is changed, and callers are asked for first`, async ({
    signedIn: page,
  }) => {
    await page.setViewportSize({ width, height: 900 });
    const { model, version } = made.photos;
    await page.goto(`/default/registry/${model}/versions/${version}`);
    await page.getByRole("button", { name: "Change", exact: true }).click();
    const dialog = page.getByRole("dialog");
    const names = width === 390 ? "Katze\nHund" : "chat\nchien";
    await dialog.getByRole("textbox", { name: "Classes" }).fill(names);
    await dialog.getByRole("textbox", { name: "Why" }).fill(`for ${width}`);
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Save" }).click();
    await expect(dialog.getByRole("alert")).toContainText("would notice", PATIENCE);
    await dialog.getByRole("checkbox", { name: /This is meant/ }).click();
    await dialog.getByRole("button", { name: "Save" }).click();
    await expect(dialog).toHaveCount(0, PATIENCE);
    const revisions = page.getByRole("list", { name: "Revisions of the signature" });
    await expect(revisions).toContainText(`for ${width}`);
    await fits(page, width);
    const answer = async () => {
      const body = { input: { photo: dot.toString("base64") } };
      const path = `/deployments/${made.photos.deployment}/predict`;
      return (await rest<{ predictions: string[] }>("POST", path, body)).predictions[0];
    };
    await expect.poll(answer, PATIENCE).toMatch(width === 390 ? /Katze|Hund/ : /chat|chien/);
  });
}
