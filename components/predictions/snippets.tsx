"use client";
import Link from "next/link";
import { useQueryStates } from "nuqs";
import { deploymentSearchParams } from "@/app/(workspace)/[workspace]/deployments/search-params";
import { useWorkspace } from "@/components/shell/workspace";
import { Card } from "@/components/ui/card";
import { CodeBlock } from "@/components/ui/code-block";
import { Segmented } from "@/components/ui/toggles";
import type { FeatureRow } from "./feature-values";
import { type Language, snippetOf } from "./snippet-text";

const LANGUAGES: { value: Language; label: string }[] = [
  { value: "curl", label: "curl" },
  { value: "python", label: "Python" },
  { value: "typescript", label: "TypeScript" },
];

/** The same call from a program, with the real address and an example. */
export function Snippets({
  deployment,
  input,
}: {
  deployment: { id: string; name: string };
  input: FeatureRow;
}) {
  const { path, can } = useWorkspace();
  const [{ code }, setParams] = useQueryStates(deploymentSearchParams);
  return (
    <Card
      title="Call it from a program"
      description={
        can("api_keys:write") ? (
          <>
            Needs an{" "}
            <Link
              href={`${path("settings", "api-keys")}?create=true`}
              className="text-accent-text underline underline-offset-2"
            >
              API key
            </Link>{" "}
            in MODELYARD_API_KEY.
          </>
        ) : (
          "Needs an API key in MODELYARD_API_KEY; an admin can make one."
        )
      }
      actions={
        <Segmented
          label="Language"
          value={code}
          onChange={(next) => void setParams({ code: next })}
          choices={LANGUAGES}
        />
      }
    >
      <CodeBlock
        label={`Example in ${code}`}
        code={snippetOf(code, {
          url: `${window.location.origin}/api/v1/deployments/${deployment.id}/predict`,
          input,
        })}
      />
    </Card>
  );
}
