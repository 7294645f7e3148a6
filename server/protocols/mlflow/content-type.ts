/** Read as text whatever else they could be, so that no browser runs what a run logged. */
const TEXT = new Set(
  "txt log err cfg conf cnf ini yaml yml json js py py3 csv tsv md rst html htm svg xml toml MLmodel MLproject mlproject".split(
    " ",
  ),
);

const OTHERS: Record<string, string> = {
  gif: "image/gif",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  pdf: "application/pdf",
  png: "image/png",
  webp: "image/webp",
};

/** The type a file is sent as, by its name alone; clients of MLflow expect these. */
export function contentTypeOf(path: string): string {
  const extension = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf(".")) + 1);
  if (TEXT.has(extension)) return "text/plain";
  return OTHERS[extension.toLowerCase()] ?? "application/octet-stream";
}
