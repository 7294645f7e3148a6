import type { Api } from "../demo/api";
import { customers } from "./data";
import { deployAndWait, ensureModel, train, uploadChurn } from "./steps";

/** A scenario answers the pages worth opening. */
type Scenario = { about: string; run: (api: Api) => Promise<string[]> };

export const SCENARIOS = {
  dataset: {
    about: "a data set, nothing else",
    run: async (api) => [`datasets/${(await uploadChurn(api)).id}`],
  },
  "trained-model": {
    about: "a model with two versions to compare",
    run: async (api) => {
      const [dataset, model] = [await uploadChurn(api), await ensureModel(api, "churn")];
      await train(api, model.id, { datasetId: dataset.id, algorithm: "logistic_regression" });
      await train(api, model.id, { datasetId: dataset.id, algorithm: "xgboost" });
      return [`registry/${model.id}`, "experiments"];
    },
  },
  "live-deployment": {
    about: "a deployment that answered 300 requests",
    run: async (api) => {
      const [dataset, model] = [await uploadChurn(api), await ensureModel(api, "churn")];
      const job = await train(api, model.id, { datasetId: dataset.id, algorithm: "lightgbm" });
      if (!job.versionId) throw new Error(job.error ?? "training failed");
      const id = await deployAndWait(api, model.id, job.versionId, "churn");
      for (const input of customers(300, 23))
        await api.post(`/deployments/${id}/predict`, { input });
      return [`deployments/${id}`, `registry/${model.id}`];
    },
  },
} satisfies Record<string, Scenario>;

export const isScenario = (name: string): name is keyof typeof SCENARIOS => name in SCENARIOS;
