import type { APIRequestContext, Page } from "@playwright/test";
import type { WalkedPage } from "./list-pages";

const WORKSPACE = "default";

interface Item {
  id: string;
  name?: string;
  latestVersion?: number | null;
  status?: string;
  runCount?: number;
}

type Act = NonNullable<WalkedPage["act"]>;

/** Presses a button by its name, or by how it begins. */
const press =
  (name: string | RegExp): Act =>
  async (page) => {
    await page
      .getByRole("button", { name, ...(typeof name === "string" && { exact: true }) })
      .first()
      .click();
    await opened(page);
  };

/** Chooses an item of a menu. */
const choose =
  (menu: string | RegExp, item: string | RegExp): Act =>
  async (page) => {
    await page.getByRole("button", { name: menu }).first().click();
    await page.getByRole("menuitem", { name: item }).click();
    await opened(page);
  };

/** Opens a menu and leaves it open. */
const menu =
  (name: string | RegExp): Act =>
  async (page) => {
    await page.getByRole("button", { name }).first().click();
    await page.getByRole("menu").waitFor();
    await page.waitForTimeout(300);
  };

async function opened(page: Page): Promise<void> {
  await page.locator("[role=dialog], [role=alertdialog]").first().waitFor();
  await page.waitForTimeout(300);
}

/** Every dialog of the lists, tables and settings, with whatever things the workspace holds now. */
export async function listDialogs(api: APIRequestContext, origin: string): Promise<WalkedPage[]> {
  const list = async (path: string): Promise<Item[]> => {
    const answer = await api.get(`${origin}/api/v1/${path}`, {
      headers: { "x-modelyard-workspace": WORKSPACE },
    });
    return answer.ok() ? ((await answer.json()) as { items: Item[] }).items : [];
  };
  const dialog = (name: string, path: string, act: Act): WalkedPage => ({
    name: `dialog-${name}`,
    path: `/${WORKSPACE}/${path}`,
    act,
  });
  return [
    ...ofTracking(dialog, await list("experiments"), await list("runs?limit=4")),
    ...ofRegistry(dialog, await list("models")),
    ...ofData(dialog, await list("datasets")),
    ...ofSettings(dialog),
  ];
}

type Make = (name: string, path: string, act: Act) => WalkedPage;

function ofTracking(dialog: Make, experiments: Item[], runs: Item[]): WalkedPage[] {
  const experiment = experiments.find((one) => (one.runCount ?? 0) > 3);
  const table = `experiments/${experiment?.id}`;
  const run = `experiments/runs/${runs[0]?.id}`;
  const chosen =
    (then: Act): Act =>
    async (page) => {
      const boxes = page.getByRole("checkbox", { name: /^Choose (?!all)/ });
      await boxes.nth(0).click();
      await boxes.nth(1).click();
      await then(page);
    };
  return [
    dialog("experiment-new", "experiments?create=true", opened),
    dialog("experiment-edit", table, choose("More about this experiment", "Edit")),
    dialog("experiment-menu", table, menu("More about this experiment")),
    dialog("experiment-purge", "experiments?view=deleted", press(/for good$/)),
    dialog("runs-columns", table, press("Columns")),
    dialog("runs-column-menu", table, menu(/^Column /)),
    dialog("runs-filter", table, press(/^Filters?$/)),
    dialog("runs-group", table, press(/^Group/)),
    dialog("runs-views", table, menu("Views")),
    dialog("runs-save-view", table, choose("Views", "Save this view")),
    dialog("runs-export", table, menu(/^Export/)),
    dialog("runs-tag", table, chosen(press("Tag"))),
    dialog("runs-move", table, chosen(press("Move"))),
    dialog("run-rename", run, choose("More about this run", "Rename")),
    dialog("run-zoom", run, press("Zoom")),
  ];
}

function ofRegistry(dialog: Make, models: Item[]): WalkedPage[] {
  const found =
    models.find((one) => (one.latestVersion ?? 0) > 1) ?? models.find((one) => one.latestVersion);
  const model = `registry/${found?.id}`;
  const version = `${model}/versions/${found?.latestVersion}`;
  return [
    dialog("model-new", "registry?create=true", opened),
    dialog("model-edit", model, choose("More actions", /^Edit name/)),
    dialog("model-delete", model, choose("More actions", "Delete")),
    dialog("model-upload", `${model}?upload=true`, opened),
    dialog("model-external", `${model}?external=true`, opened),
    dialog("model-benchmark", `${model}?tab=benchmarks&benchmark=true`, opened),
    dialog("alias-remove", `${model}?tab=aliases`, press(/^Remove /)),
    dialog("card-revision", `${model}?tab=card`, press(/^Read revision/)),
    dialog("approval-withdraw", "registry/approvals?show=all", press("Withdraw")),
    dialog("condition-met", "registry/approvals?show=all", press("Mark as met")),
    dialog("version-move", `${version}?move=true`, opened),
    dialog("version-deploy", `${version}?deploy=true`, opened),
    dialog("version-number", version, choose("More actions", "Set the semantic version")),
    dialog("version-signature", version, press("Change")),
    dialog("stage-new", "registry/stages?edit=new", opened),
    dialog("stage-edit", "registry/stages?edit=production", opened),
    dialog("stage-delete", "registry/stages", press(/^Delete /)),
  ];
}

function ofData(dialog: Make, datasets: Item[]): WalkedPage[] {
  const dataset = `datasets/${datasets[0]?.id}`;
  return [
    dialog("dataset-upload", "datasets?upload=true", opened),
    dialog("dataset-delete", dataset, choose("More actions", /^Delete/)),
    dialog("dataset-column", dataset, async (page) => {
      await page.locator("tbody button, li button").first().click();
      await opened(page);
    }),
  ];
}

function ofSettings(dialog: Make): WalkedPage[] {
  return [
    dialog("member-invite", "settings/members", press("Invite")),
    dialog("member-menu", "settings/members", menu(/^Actions for/)),
    dialog("member-remove", "settings/members", choose(/^Actions for/, /^Remove/)),
    dialog("key-new", "settings/api-keys?create=true", opened),
    dialog("key-rotate", "settings/api-keys", press(/^Rotate /)),
    dialog("key-revoke", "settings/api-keys", press(/^Revoke /)),
    dialog("role-new", "settings/roles", press("Create role")),
    dialog("role-edit", "settings/roles", press("Edit")),
    dialog("role-delete", "settings/roles", press(/^Delete /)),
    dialog("grant-new", "settings/grants?add=true", opened),
    dialog("provider-new", "settings/sign-in", press(/^Add/)),
    dialog("provider-edit", "settings/sign-in", press(/^Edit/)),
    dialog("provider-remove", "settings/sign-in", press(/^Remove /)),
    dialog("workspace-archive", "settings/workspace", press(/^Archive/)),
    dialog("person-erase", "settings/workspace", async (page) => {
      await page.getByRole("textbox", { name: "Person" }).fill("user-42");
      await press(/^Erase/)(page);
    }),
    dialog("webhook-new", "settings/webhooks?show=create", opened),
    dialog("webhook-menu", "settings/webhooks", menu(/^Actions of/)),
    dialog("webhook-edit", "settings/webhooks", choose(/^Actions of/, /^Edit/)),
    dialog("webhook-test", "settings/webhooks", choose(/^Actions of/, /test/i)),
    dialog("webhook-deliveries", "settings/webhooks", choose(/^Actions of/, /deliver/i)),
    dialog("webhook-delete", "settings/webhooks", choose(/^Actions of/, /^Delete/)),
  ];
}
