import type { VersionArtifact } from "../schemas";
import type { SourceFile } from "./find-files";
import type { MlmodelFacts } from "./read-mlmodel";

/** Endings of files whose usual loader runs what they hold. */
const PICKLED = /\.(?:pkl|pickle|cloudpickle|joblib|dill|pt|pth|ckpt|bin)$/i;

/**
 * The files of a version that an MLflow client logged. Pickled ones are quarantined: our processes
 * never load them.
 */
export function artifactsOf(
  files: readonly SourceFile[],
  facts: MlmodelFacts | null,
): VersionArtifact[] {
  const pickles = facts?.pickles ?? [];
  const isPickled = (path: string) =>
    PICKLED.test(path) || pickles.some((one) => path === one || path.startsWith(`${one}/`));
  return files.map((file) => ({
    ...file,
    kind: isPickled(file.path) ? "quarantined" : "mlflow-model",
  }));
}
