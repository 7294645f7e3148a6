import { WORKSPACE_HEADER } from "@/components/trpc/client";
import { type Sending, sendForm } from "@/components/ui/send-form";
import type { DatasetDto } from "@/server/datasets/schemas";

/** Sends a file with progress from 0 to 1. Rejects with a problem body. */
export function uploadFile(
  slug: string,
  fields: { name: string; description: string },
  file: File,
  onProgress: (share: number) => void,
): Sending<DatasetDto> {
  const form = new FormData();
  // Text fields go first, so that a bad name is refused before the file is read.
  form.append("name", fields.name);
  if (fields.description) form.append("description", fields.description);
  form.append("file", file);
  // 200: the newest version holds this very content already.
  return sendForm("/api/v1/datasets", { [WORKSPACE_HEADER]: slug }, form, onProgress);
}

/** A file name as a dataset name: "My data (1).csv" → "My data 1". */
export function nameFromFile(fileName: string): string {
  return fileName
    .replace(/\.(csv|tsv|txt|parquet|pq)$/i, "")
    .replaceAll(/[^\p{L}\p{N} ._-]+/gu, " ")
    .replaceAll(/(\.{2,}|\s)+/g, " ")
    .replace(/^[^\p{L}\p{N}]+/u, "")
    .trim()
    .slice(0, 200);
}
