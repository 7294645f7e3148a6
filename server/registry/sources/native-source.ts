import { z } from "zod";
import { requirePermission } from "@/server/access";
import type { Context } from "@/server/kernel/context";
import { NATIVE_FLAVORS, type NativeFlavor, type NativeForm } from "../constants";
import type { SourceFile } from "./find-files";
import { readLogged } from "./read-logged";
import { parseYaml, readMlmodel } from "./read-mlmodel";

/** A native model that can become ONNX. */
export interface NativeSource {
  flavor: NativeFlavor;
  form: NativeForm;
  model: SourceFile;
  /** MLflow's input_example.json, if there is one. */
  example: SourceFile | null;
  /** Columns in MLflow's own form; null where nobody said them. */
  columns: unknown;
}

const input = z.object({ model: z.string().min(1).max(300), versionId: z.uuid() });
const EXAMPLE = "input_example.json";

/**
 * The native model among a version's files; null when the version has an ONNX file, or none of the
 * flavors we convert. Reads the MLmodel file alone. Throws not_found for the model.
 */
export async function nativeSource(
  ctx: Context,
  values: z.input<typeof input>,
): Promise<NativeSource | null> {
  requirePermission(ctx, "models:read");
  const { model, versionId } = input.parse(values);
  const logged = await readLogged(ctx, { model, versionId });
  if (logged.files.some(({ kind }) => kind === "model")) return null;
  const { files, content } = logged;
  const native = readNative(content);
  const file = native && files.find(({ path }) => path === native.path);
  if (!native || !file) return null;
  return {
    flavor: native.flavor,
    form: native.form,
    model: file,
    example: files.find(({ path }) => path === EXAMPLE) ?? null,
    columns: readMlmodel(content)?.signature?.inputs ?? null,
  };
}

const flavorFields = z.object({
  pickled_model: z.string().nullish(),
  data: z.string().nullish(),
  serialization_format: z.string().nullish().catch(null),
});
const mlmodel = z.object({ flavors: z.record(z.string(), z.unknown()) });

/** Which file of a native flavor holds the model, and how it is read. */
export function readNative(
  content: string,
): { flavor: NativeFlavor; form: NativeForm; path: string } | null {
  const parsed = mlmodel.safeParse(parseYaml(content));
  if (!parsed.success) return null;
  for (const flavor of NATIVE_FLAVORS) {
    const fields = flavorFields.safeParse(parsed.data.flavors[flavor]);
    const path = fields.data?.pickled_model ?? fields.data?.data;
    if (!path) continue;
    return { flavor, path, form: formOf(flavor, path, fields.data?.serialization_format) };
  }
  return null;
}

/** scikit-learn has no format of its own; of boosters the ending says which one it is. */
function formOf(flavor: NativeFlavor, path: string, format: string | null | undefined): NativeForm {
  if (flavor === "sklearn") return format === "skops" ? "skops" : "pickle";
  if (/\.skops$/i.test(path)) return "skops";
  return /\.(?:pkl|pickle|cloudpickle|joblib|dill)$/i.test(path) ? "pickle" : "native";
}
