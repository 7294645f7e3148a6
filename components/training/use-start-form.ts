"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useQueryStates } from "nuqs";
import { useRef, useState } from "react";
import { toast } from "sonner";
import { startSearchParams } from "@/app/(workspace)/[workspace]/training/search-params";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC, useTRPCClient } from "@/components/trpc/client";
import type { Outputs } from "@/components/trpc/outputs";
import type { Framework } from "@/server/registry/constants";
import type { Task } from "@/server/training/catalog";
import { guessTask } from "./guess-task";
import type { HyperparameterValue } from "./hyperparameter-fields";

export type Catalog = Outputs["training"]["algorithms"];
export type DatasetItem = Outputs["datasets"]["list"]["items"][number];
export type ModelItem = Outputs["registry"]["listModels"]["items"][number];

export interface StartFormProps {
  catalog: Catalog;
  datasets: DatasetItem[];
  models: ModelItem[];
}

/** What cannot be read off the address: numbers, names, free text. */
interface Draft {
  newName: string | null;
  task: Task | null;
  hyperparameters: Record<string, HyperparameterValue>;
  validationSplit: number;
  testSplit: number;
  seed: number;
  priority: number;
  version: string;
  description: string;
}

/** Everything the start form knows; what one choice implies is derived, never stored. */
export function useStartForm({ catalog, datasets, models }: StartFormProps) {
  const trpc = useTRPC();
  const [params, setParams] = useQueryStates(startSearchParams);
  const { limits } = catalog;
  const [draft, setDraft] = useState<Draft>({
    newName: null,
    task: null,
    hyperparameters: {},
    validationSplit: limits.validationSplit.default,
    testSplit: limits.testSplit.default,
    seed: limits.seed.default,
    priority: 0,
    version: "",
    description: "",
  });
  const datasetId = params.dataset ?? datasets[0]?.id ?? "";
  const dataset = useQuery({
    ...trpc.datasets.get.queryOptions({ dataset: datasetId }),
    enabled: datasetId !== "",
    staleTime: Number.POSITIVE_INFINITY,
  });
  const columns = dataset.data?.columns ?? [];
  const target = columns.find(({ name }) => name === params.target) ?? columns.at(-1);
  const model = models.find((one) => one.id === params.model);
  const modelTask = (["classification", "regression"] as const).find((one) => one === model?.type);
  const task: Task = modelTask ?? draft.task ?? (target ? guessTask(target) : "classification");
  const usable = catalog.algorithms.filter((one) => one.tasks.includes(task));
  const algorithm = usable.find((one) => one.id === params.algorithm) ?? usable[0];
  const parameters = (algorithm?.hyperparameters ?? []).filter((one) => one.tasks.includes(task));
  const hyperparameters = Object.fromEntries(
    parameters.map((one) => [
      one.name,
      one.name in draft.hyperparameters ? (draft.hyperparameters[one.name] ?? null) : one.default,
    ]),
  );
  const patch = (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change }));
  const newName = draft.newName ?? `${dataset.data?.name ?? "model"} ${target?.name ?? ""}`.trim();
  return {
    params,
    setParams,
    draft,
    patch,
    setHyperparameter: (name: string, value: HyperparameterValue) =>
      patch({ hyperparameters: { ...draft.hyperparameters, [name]: value } }),
    datasetId,
    dataset,
    columns,
    target,
    model,
    task,
    taskFixed: modelTask !== undefined,
    usable,
    algorithm,
    parameters,
    hyperparameters,
    newName,
  };
}

export type StartFormState = ReturnType<typeof useStartForm>;

/** What differs from the declared defaults; an emptied field that needs a value means the default. */
function changedHyperparameters(form: StartFormState): Record<string, HyperparameterValue> {
  return Object.fromEntries(
    form.parameters
      .map((one) => ({ one, value: form.hyperparameters[one.name] ?? null }))
      .filter(({ one, value }) => value !== one.default && (value !== null || one.nullable))
      .map(({ one, value }) => [one.name, value]),
  );
}

/** Registers the model if it is new, queues the job and opens it. */
export function useStart(form: StartFormState) {
  const client = useTRPCClient();
  const router = useRouter();
  const { path } = useWorkspace();
  const made = useRef<{ name: string; id: string }>(undefined);

  /** A second try after a refusal uses the model that the first one made. */
  const modelId = async (framework: Framework, target: string): Promise<string> => {
    if (form.model) return form.model.id;
    if (made.current?.name === form.newName) return made.current.id;
    const model = await client.registry.createModel.mutate({
      name: form.newName,
      type: form.task,
      framework,
      targetVariable: target,
    });
    made.current = { name: form.newName, id: model.id };
    return model.id;
  };

  return useMutation({
    mutationFn: async () => {
      const { draft, algorithm, target } = form;
      if (!algorithm || !target) throw new Error("Choose a dataset first.");
      return client.training.start.mutate({
        model: await modelId(algorithm.framework as Framework, target.name),
        datasetId: form.datasetId,
        target: target.name,
        algorithm: algorithm.id,
        hyperparameters: changedHyperparameters(form),
        validationSplit: draft.validationSplit,
        testSplit: draft.testSplit,
        seed: draft.seed,
        priority: draft.priority,
        version: draft.version.trim() || undefined,
        description: draft.description,
      });
    },
    onSuccess: ({ jobId }) => {
      toast.success("The training is queued");
      router.push(path("training", jobId));
    },
  });
}
