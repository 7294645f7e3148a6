"use client";
import { useQuery } from "@tanstack/react-query";
import { Download, File, Folder, FolderOpen } from "lucide-react";
import { useState } from "react";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { buttonClass } from "@/components/ui/button-class";
import { Card } from "@/components/ui/card";
import { formatBytes } from "@/components/ui/format";
import { EmptyState, QueryView, TableSkeleton } from "@/components/ui/states";
import { ArtifactPreview } from "./artifact-preview";

/** Files of a run, folder by folder. */
export function RunArtifacts({ runId }: { runId: string }) {
  return (
    <Card flush>
      <ArtifactFolder runId={runId} depth={0} />
    </Card>
  );
}

function ArtifactFolder({ runId, path, depth }: { runId: string; path?: string; depth: number }) {
  const trpc = useTRPC();
  const artifacts = useQuery(trpc.experiments.listArtifacts.queryOptions({ runId, path }));
  return (
    <QueryView query={artifacts} skeleton={<TableSkeleton rows={depth === 0 ? 4 : 1} />}>
      {(data) =>
        data.items.length === 0 && depth === 0 ? (
          <EmptyState icon={<Folder aria-hidden />} title="No artifacts">
            Files a run logs are kept by content and can be downloaded here.
          </EmptyState>
        ) : (
          <ul>
            {data.items.map((item) =>
              item.isDirectory ? (
                <FolderLine key={item.path} runId={runId} path={item.path} depth={depth} />
              ) : (
                <FileLine key={item.path} runId={runId} file={item} depth={depth} />
              ),
            )}
          </ul>
        )
      }
    </QueryView>
  );
}

const nameOf = (path: string) => path.slice(path.lastIndexOf("/") + 1);
const indent = (depth: number) => ({ paddingLeft: `${1 + depth * 1.25}rem` });
const LINE = "flex min-h-9 w-full items-center gap-2.5 border-b py-1 pr-3 text-13";

function FolderLine({ runId, path, depth }: { runId: string; path: string; depth: number }) {
  const [open, setOpen] = useState(false);
  const Icon = open ? FolderOpen : Folder;
  return (
    <li>
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        style={indent(depth)}
        className={`${LINE} text-left hover:bg-hover`}
      >
        <Icon aria-hidden className="size-4 text-fg-subtle" />
        {nameOf(path)}
      </button>
      {open && <ArtifactFolder runId={runId} path={path} depth={depth + 1} />}
    </li>
  );
}

function FileLine({
  runId,
  file,
  depth,
}: {
  runId: string;
  file: { path: string; sizeBytes: number | null };
  depth: number;
}) {
  const { slug } = useWorkspace();
  const [open, setOpen] = useState(false);
  const encoded = file.path.split("/").map(encodeURIComponent).join("/");
  const url = `/api/v1/runs/${runId}/artifacts/${encoded}?workspace=${encodeURIComponent(slug)}`;
  return (
    <li>
      <div style={indent(depth)} className={LINE}>
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className="flex min-h-7 min-w-0 flex-1 items-center gap-2.5 text-left hover:underline"
        >
          <File aria-hidden className="size-4 shrink-0 text-fg-subtle" />
          <span className="truncate font-mono text-xs">{nameOf(file.path)}</span>
        </button>
        <span className="text-fg-subtle text-xs">{formatBytes(file.sizeBytes ?? 0)}</span>
        <a
          href={url}
          download
          aria-label={`Download ${file.path}`}
          className={buttonClass({ variant: "ghost", size: "icon-sm" })}
        >
          <Download aria-hidden className="size-3.5" />
        </a>
      </div>
      {open && (
        <div className="border-b bg-bg">
          <ArtifactPreview path={file.path} url={url} sizeBytes={file.sizeBytes ?? 0} />
        </div>
      )}
    </li>
  );
}
