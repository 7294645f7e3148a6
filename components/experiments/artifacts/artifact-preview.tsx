"use client";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { CodeBlock } from "@/components/ui/code-block";
import { formatBytes } from "@/components/ui/format";
import { Markdown } from "@/components/ui/markdown";
import { ScrollRegion } from "@/components/ui/scroll-region";
import { ErrorState, Skeleton } from "@/components/ui/states";
import {
  imageType,
  type PreviewKind,
  parseSeparated,
  previewKind,
  type Table,
  tableOfJson,
} from "./preview-kind";

/** Bytes of a text file that are shown; the download has all. */
const TEXT_MAX = 256 * 1024;
/** A table in JSON has no beginning that could be read alone, so more of it is loaded. */
const JSON_MAX = 8 * 1024 * 1024;
const IMAGE_MAX = 20 * 1024 * 1024;
const ROWS_MAX = 200;

/** A file of a run as it looks: image, table, Markdown, text. Nothing of it is executed. */
export function ArtifactPreview({
  path,
  url,
  sizeBytes,
}: {
  path: string;
  url: string;
  sizeBytes: number;
}) {
  const kind = previewKind(path);
  if (kind === null) {
    return <Note>This kind of file has no preview. Download it to look inside.</Note>;
  }
  if (kind === "image") {
    return sizeBytes > IMAGE_MAX ? (
      <Note>The image is larger than {formatBytes(IMAGE_MAX)}: download it.</Note>
    ) : (
      <ImagePreview path={path} url={url} />
    );
  }
  return <TextPreview path={path} url={url} sizeBytes={sizeBytes} kind={kind} />;
}

const Note = ({ children }: { children: React.ReactNode }) => (
  <p className="px-4 py-3 text-13 text-fg-muted">{children}</p>
);

async function load(url: string, bytes?: number): Promise<Response> {
  const answer = await fetch(url, bytes ? { headers: { range: `bytes=0-${bytes - 1}` } } : {});
  if (!answer.ok && answer.status !== 206) throw await answer.json();
  return answer;
}

function ImagePreview({ path, url }: { path: string; url: string }) {
  const image = useQuery({
    queryKey: ["artifact", url],
    queryFn: async () => {
      const bytes = await (await load(url)).arrayBuffer();
      return new Blob([bytes], { type: imageType(path) });
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
  const source = useMemo(() => (image.data ? URL.createObjectURL(image.data) : null), [image.data]);
  useEffect(() => () => void (source && URL.revokeObjectURL(source)), [source]);
  if (image.error) return <ErrorState error={image.error} />;
  if (!source) return <Skeleton className="m-4 h-48" />;
  return (
    <div className="p-4">
      {/* biome-ignore lint/performance/noImgElement: bytes the page holds already. */}
      <img src={source} alt={path} className="max-h-[70vh] max-w-full rounded border bg-white" />
    </div>
  );
}

function TextPreview({
  path,
  url,
  sizeBytes,
  kind,
}: {
  path: string;
  url: string;
  sizeBytes: number;
  kind: Exclude<PreviewKind, "image">;
}) {
  const isWhole = sizeBytes <= (kind === "json" ? JSON_MAX : TEXT_MAX);
  const text = useQuery({
    queryKey: ["artifact", url, TEXT_MAX],
    queryFn: async () =>
      sizeBytes === 0 ? "" : (await load(url, isWhole ? undefined : TEXT_MAX)).text(),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (text.error) return <ErrorState error={text.error} />;
  if (text.data === undefined) return <Skeleton className="m-4 h-32" />;
  return (
    <div className="space-y-2 p-4">
      <Rendered path={path} kind={kind} text={text.data} isWhole={isWhole} />
      {!isWhole && (
        <p className="text-fg-subtle text-xs">
          The first {formatBytes(TEXT_MAX)} of {formatBytes(sizeBytes)}. Download the file for all.
        </p>
      )}
    </div>
  );
}

function Rendered({
  path,
  kind,
  text,
  isWhole,
}: {
  path: string;
  kind: Exclude<PreviewKind, "image">;
  text: string;
  isWhole: boolean;
}) {
  if (kind === "markdown") return <Markdown text={text} />;
  if (kind === "table") {
    // What was cut off ends within a line.
    const lines = isWhole ? text : text.slice(0, text.lastIndexOf("\n") + 1);
    const separator = path.endsWith(".tsv") ? "\t" : ",";
    return <TableView label={path} table={parseSeparated(lines, separator)} />;
  }
  if (kind === "json" && isWhole) return <JsonView path={path} text={text} />;
  return <CodeBlock label={path} code={text} />;
}

function JsonView({ path, text }: { path: string; text: string }) {
  const value = useMemo(() => parseJson(text), [text]);
  const table = useMemo(() => tableOfJson(value), [value]);
  if (table) return <TableView label={path} table={table} />;
  const code = value === undefined ? text : JSON.stringify(value, null, 2);
  if (code.length <= TEXT_MAX) return <CodeBlock label={path} code={code} />;
  return (
    <>
      <CodeBlock label={path} code={code.slice(0, TEXT_MAX)} />
      <p className="text-fg-subtle text-xs">The beginning. Download the file for all.</p>
    </>
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function TableView({ label, table }: { label: string; table: Table }) {
  const shown = table.rows.slice(0, ROWS_MAX);
  // Columns of a file may share a name.
  const columns = table.columns.map((name, at) => ({ id: `${at}`, name }));
  return (
    <ScrollRegion label={label} className="max-h-112 overflow-auto rounded-lg border">
      <table className="w-full text-xs">
        <thead className="sticky top-0 bg-muted">
          <tr>
            {columns.map((column) => (
              <th
                key={column.id}
                scope="col"
                className="whitespace-nowrap px-3 py-1.5 text-left font-medium"
              >
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of a file have no other identity.
            <tr key={at} className="border-t">
              {row.map((cell, column) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: as above.
                <td key={column} className="max-w-80 truncate px-3 py-1" title={cell}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {table.rows.length > shown.length && (
        <p className="px-3 py-2 text-fg-subtle text-xs">
          {shown.length} of {table.rows.length.toLocaleString("en-US")} rows.
        </p>
      )}
    </ScrollRegion>
  );
}
