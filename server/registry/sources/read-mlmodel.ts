import { parseDocument } from "yaml";
import { z } from "zod";
import type { Framework } from "../constants";

/** What an MLmodel file says of the model beside it. */
export interface MlmodelFacts {
  /** Names of the flavors it can be loaded as, as written. */
  flavors: string[];
  framework: Framework | null;
  /** Inputs, outputs and params in MLflow's own form; null where it says nothing. */
  signature: Record<string, unknown> | null;
  /** Files that a flavor loads with pickle, relative to the MLmodel file. */
  pickles: string[];
  mlflowVersion: string | null;
}

/** Larger files are no MLmodel that anybody wrote, bytes. */
export const MLMODEL_MAX_BYTES = 1024 * 1024;

const text = z.string().max(1_000_000);
const flavor = z.record(z.string(), z.unknown());
const mlmodel = z.object({
  flavors: z.record(z.string().max(200), z.unknown()).catch({}),
  signature: z.record(z.string(), text.nullable()).nullish().catch(null),
  mlflow_version: z.string().max(50).nullish().catch(null),
});

const FRAMEWORKS: Record<string, Framework> = {
  sklearn: "scikit-learn",
  xgboost: "xgboost",
  lightgbm: "lightgbm",
  pytorch: "pytorch",
  tensorflow: "tensorflow",
  keras: "tensorflow",
  onnx: "onnx",
};

/** Facts of an MLmodel file; null when it is none that can be read. Never throws. */
export function readMlmodel(content: string): MlmodelFacts | null {
  const parsed = mlmodel.safeParse(parseYaml(content));
  if (!parsed.success) return null;
  const { flavors, signature, mlflow_version } = parsed.data;
  const names = Object.keys(flavors).slice(0, 50);
  const known = names.find((name) => Object.hasOwn(FRAMEWORKS, name));
  return {
    flavors: names,
    framework: known ? (FRAMEWORKS[known] ?? null) : null,
    signature: signature ? readSignature(signature) : null,
    pickles: names.flatMap((name) => picklesOf(flavors[name])),
    mlflowVersion: mlflow_version ?? null,
  };
}

/** What a YAML text holds; null when it is none. Never throws. */
export function parseYaml(content: string): unknown {
  try {
    const document = parseDocument(content, { schema: "core", logLevel: "silent" });
    return document.errors.length > 0 ? null : document.toJS({ maxAliasCount: 100 });
  } catch {
    return null;
  }
}

/** The parts of a signature are JSON inside YAML. */
function readSignature(signature: Record<string, string | null>): Record<string, unknown> {
  return Object.fromEntries(
    ["inputs", "outputs", "params"].map((part) => {
      try {
        return [part, JSON.parse(signature[part] ?? "null") as unknown];
      } catch {
        return [part, null];
      }
    }),
  );
}

/** The file a flavor names as pickled, whatever its ending. */
function picklesOf(value: unknown): string[] {
  const parsed = flavor.safeParse(value);
  if (!parsed.success) return [];
  const { pickled_model, python_model, serialization_format, data } = parsed.data;
  // The same key names a skops file, which holds no code.
  const files = [serialization_format === "skops" ? null : pickled_model, python_model];
  if (/pickle/i.test(String(serialization_format ?? ""))) files.push(parsed.data.model_path);
  // LightGBM's flavor names an estimator's pickle and a booster's text by the same key.
  if (/\.(?:pkl|pickle|joblib)$/i.test(String(data ?? ""))) files.push(data);
  return files.filter((file) => typeof file === "string");
}
