import { WORKSPACE_HEADER } from "@/components/trpc/client";
import type { DatasetDto } from "@/server/datasets/schemas";

export interface Upload {
  done: Promise<DatasetDto>;
  cancel: () => void;
}

/** Sends a file with progress from 0 to 1, which fetch cannot tell. Rejects with a problem body. */
export function uploadFile(
  slug: string,
  fields: { name: string; description: string },
  file: File,
  onProgress: (share: number) => void,
): Upload {
  const request = new XMLHttpRequest();
  const done = new Promise<DatasetDto>((resolve, reject) => {
    request.open("POST", "/api/v1/datasets");
    request.setRequestHeader(WORKSPACE_HEADER, slug);
    request.responseType = "json";
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    };
    request.onload = () => {
      // 200: the newest version holds this very content already.
      if (request.status === 201 || request.status === 200) resolve(request.response as DatasetDto);
      else reject(request.response ?? new Error(`The server answered ${request.status}`));
    };
    request.onerror = () => reject(new Error("Network error"));
    request.onabort = () => reject(new DOMException("Cancelled", "AbortError"));
    const form = new FormData();
    // Text fields go first, so that a bad name is refused before the file is read.
    form.append("name", fields.name);
    if (fields.description) form.append("description", fields.description);
    form.append("file", file);
    request.send(form);
  });
  return { done, cancel: () => request.abort() };
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
