"use client";
import { useQuery } from "@tanstack/react-query";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Card, Facts } from "@/components/ui/card";
import { ArtifactPreview } from "./artifacts/artifact-preview";
import { ParentLink } from "./run/parent-link";
import { parentOf } from "./run/use-child-runs";
import type { Run } from "./run-page";

/** Tags MLflow clients set about where a run came from, in the order they are shown. */
const SOURCE_TAGS: [key: string, label: string][] = [
  ["mlflow.source.name", "Program"],
  ["mlflow.source.type", "Kind"],
  ["mlflow.source.git.repoURL", "Repository"],
  ["mlflow.source.git.branch", "Branch"],
  ["mlflow.source.git.commit", "Commit"],
  ["mlflow.project.entryPoint", "Entry point"],
  ["mlflow.docker.image.uri", "Image"],
  ["mlflow.autologging", "Logged by"],
];

/** Files that say what the program ran with. */
const ENVIRONMENT_FILES =
  /(^|\/)(requirements\.txt|conda\.ya?ml|python_env\.ya?ml|environment\.json)$/;

/** Code version and environment, for who wants to run it again. */
export function RunSource({ run }: { run: Run }) {
  const tags = new Map(run.tags.map((tag) => [tag.key, tag.value]));
  const parent = parentOf(run);
  const facts = SOURCE_TAGS.flatMap(([key, label]) => {
    const value = tags.get(key);
    return value
      ? [{ name: label, value: <code className="font-mono text-xs">{value}</code> }]
      : [];
  });
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <Card title="Source">
        <Facts
          items={[
            ...(run.userName ? [{ name: "User", value: run.userName }] : []),
            ...facts,
            ...(parent
              ? [
                  {
                    name: "Parent run",
                    value: <ParentLink runId={parent} />,
                  },
                ]
              : []),
          ]}
        />
        {facts.length === 0 && (
          <p className="pt-2 text-13 text-fg-subtle">
            The client told nothing about its program; MLflow does when it runs inside a Git folder.
          </p>
        )}
      </Card>
      <Environment runId={run.id} />
    </div>
  );
}

function Environment({ runId }: { runId: string }) {
  const trpc = useTRPC();
  const { slug } = useWorkspace();
  const root = useQuery(trpc.experiments.listArtifacts.queryOptions({ runId }));
  const model = useQuery({
    ...trpc.experiments.listArtifacts.queryOptions({ runId, path: "model" }),
    enabled: root.data?.items.some((item) => item.isDirectory && item.path === "model") ?? false,
  });
  const files = [...(root.data?.items ?? []), ...(model.data?.items ?? [])].filter(
    (item) => !item.isDirectory && ENVIRONMENT_FILES.test(item.path),
  );
  return (
    <Card title="Environment" flush>
      {files.map((file) => (
        <section key={file.path} aria-label={file.path} className="border-b last:border-b-0">
          <h3 className="px-4 pt-3 font-mono text-xs">{file.path}</h3>
          <ArtifactPreview
            path={file.path}
            url={`/api/v1/runs/${runId}/artifacts/${file.path.split("/").map(encodeURIComponent).join("/")}?workspace=${encodeURIComponent(slug)}`}
            sizeBytes={file.sizeBytes ?? 0}
          />
        </section>
      ))}
      {files.length === 0 && root.data && (
        <p className="p-4 text-13 text-fg-subtle">
          The run logged no requirements.txt, conda.yaml or environment.json.
        </p>
      )}
    </Card>
  );
}
