import { text } from "node:stream/consumers";
import { z } from "zod";
import { openObject } from "@/server/artifacts";
import type { Context } from "@/server/kernel/context";
import { formatOf } from "../model-format";
import type { VersionArtifact } from "../schemas";
import type { SignatureHints } from "../uploads/schemas";
import type { Logged } from "./read-logged";
import { readMlmodel } from "./read-mlmodel";

/** An archive of torch.export that an MLflow client logged. */
export interface LoggedArchive {
  file: VersionArtifact;
  /** MLflow's input_example.json, if there is one. */
  example: VersionArtifact | null;
  /** What MLflow's signature says of it. */
  said: Pick<SignatureHints, "task" | "features">;
}

const EXAMPLE_BYTES_MAX = 1024 * 1024;
const COLUMNS_MAX = 10_000;

const tensorSpec = z.object({
  type: z.literal("tensor"),
  "tensor-spec": z.object({ dtype: z.string(), shape: z.array(z.int()) }),
});
const columnSpec = z.object({
  type: z.string().refine((type) => type !== "tensor"),
  name: z.string().min(1).max(256),
});

/** The archive among a version's files; null for none, and for several. Pure. */
export function loggedArchive({ files, content }: Logged): LoggedArchive | null {
  const archives = files.filter(
    ({ path, kind }) => formatOf(path) === "pt2" && kind !== "quarantined",
  );
  const [file] = archives;
  if (!file || archives.length > 1) return null;
  const example = files.find(({ path }) => path === "input_example.json") ?? null;
  return { file, example, said: saidBy(readMlmodel(content)?.signature ?? null) };
}

/** Columns go by MLflow's names, or by their place as those of other native models do. Pure. */
function saidBy(signature: Record<string, unknown> | null): LoggedArchive["said"] {
  const columns = z.array(columnSpec).min(1).max(COLUMNS_MAX).safeParse(signature?.inputs);
  const tensors = z.tuple([tensorSpec]).safeParse(signature?.inputs);
  const [, width = -1, ...inner] = tensors.data?.[0]["tensor-spec"].shape ?? [];
  const numbered = inner.length === 0 && width > 0 && width <= COLUMNS_MAX;
  const features =
    columns.data?.map(({ name }) => name) ??
    (numbered ? Array.from({ length: width }, (_, at) => `feature_${at}`) : undefined);
  return {
    ...(features ? { features } : {}),
    ...(isOneNumber(signature?.outputs) ? { task: "regression" as const } : {}),
  };
}

/** One unnamed answer of one floating point number a row. */
function isOneNumber(outputs: unknown): boolean {
  const parsed = z.tuple([tensorSpec]).safeParse(outputs);
  const { dtype = "", shape = [] } = parsed.data?.[0]["tensor-spec"] ?? {};
  return /^float/.test(dtype) && shape[0] === -1 && shape.slice(1).every((length) => length === 1);
}

const number = z.number();
const rows = z.array(z.array(number)).min(1);
const exampleFile = z.union([
  rows,
  z.object({ inputs: rows }).transform(({ inputs }) => inputs),
  z.object({ data: rows }).transform(({ data }) => data),
]);

/** The first row of its example by feature name; undefined where the two do not belong together. */
export async function exampleOf(
  ctx: Context,
  { example, said: { features } }: LoggedArchive,
): Promise<Record<string, number> | undefined> {
  if (!example || !features || example.sizeBytes > EXAMPLE_BYTES_MAX) return undefined;
  const content = await text(await openObject(ctx, example));
  const [first] = parseRows(content) ?? [];
  if (first?.length !== features.length) return undefined;
  return Object.fromEntries(features.map((name, at) => [name, Number(first[at])]));
}

function parseRows(content: string): number[][] | undefined {
  try {
    return exampleFile.safeParse(JSON.parse(content)).data;
  } catch {
    return undefined;
  }
}
