"use client";
import { Play, RotateCcw } from "lucide-react";
import { useQueryStates } from "nuqs";
import { useState } from "react";
import { deploymentSearchParams } from "@/app/(workspace)/[workspace]/deployments/search-params";
import { Button, IconButton } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { toFailure } from "@/components/ui/failure";
import { TextArea } from "@/components/ui/field";
import { Checkbox, Segmented } from "@/components/ui/toggles";
import type { DeploymentDetailDto } from "@/server/deployments/schemas";
import type { Signature } from "@/server/protocols/open-inference/codec/signature";
import { FeatureForm } from "./feature-form";
import type { FeatureRow } from "./feature-values";
import { PredictionResult } from "./prediction-result";
import { type PredictBody, usePredict } from "./use-predict";

const FORM = "playground";

/** Parses what somebody typed; a message instead of an exception. */
function parseJson(text: string): { body: PredictBody } | { problem: string } {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" && body !== null && !Array.isArray(body)
      ? { body: body as PredictBody }
      : { problem: "The body is an object with “input” or “inputs”." };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : "This is not JSON." };
  }
}

const toJson = (row: FeatureRow) => JSON.stringify({ input: row }, null, 2);

/** The one row of a logged request over the example, which fills up what it left out. */
const beginWith = (example: FeatureRow, rows: readonly unknown[] | undefined): FeatureRow =>
  rows?.length === 1 ? { ...example, ...(rows[0] as FeatureRow) } : example;

const replayJson = (example: FeatureRow, rows: readonly unknown[] | undefined): string =>
  rows && rows.length > 1
    ? JSON.stringify({ inputs: rows }, null, 2)
    : toJson(beginWith(example, rows));

/** Input on the left, answer on the right. */
export function Playground({
  deployment,
  signature,
  example,
  replayed,
}: {
  deployment: DeploymentDetailDto;
  signature: Signature;
  example: FeatureRow;
  /** Rows of a logged request to begin with. */
  replayed?: readonly unknown[] | undefined;
}) {
  const [{ as, explain }, setParams] = useQueryStates(deploymentSearchParams);
  const [row, setRow] = useState<FeatureRow>(() => beginWith(example, replayed));
  const [json, setJson] = useState(() => replayJson(example, replayed));
  const predict = usePredict(deployment.id);
  const parsed = parseJson(json);
  const problem = as === "json" && "problem" in parsed ? parsed.problem : null;
  // Images are not explained.
  const mayExplain = as === "form" && !signature.features.some(({ type }) => type === "image");
  const options = {
    includeConfidence: true,
    ...(mayExplain && explain ? { includeFeatureImportance: true } : {}),
  };
  const failure = predict.error ? toFailure(predict.error) : null;
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[3fr_2fr]">
      <Card
        title="Input"
        actions={
          <>
            <IconButton
              size="icon-sm"
              label="Fill with the example"
              onClick={() => {
                setRow(example);
                setJson(toJson(example));
              }}
            >
              <RotateCcw className="size-3.5" />
            </IconButton>
            <Segmented
              label="Input as"
              value={as}
              onChange={(next) => {
                if (next === "json") setJson(toJson(row));
                void setParams({ as: next });
              }}
              choices={[
                { value: "form", label: "Form" },
                { value: "json", label: "JSON" },
              ]}
            />
          </>
        }
      >
        <form
          id={FORM}
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            if (as === "form") predict.mutate({ input: row, options });
            else if ("body" in parsed) predict.mutate(parsed.body);
          }}
        >
          {as === "form" ? (
            <FeatureForm
              signature={signature}
              row={row}
              errors={failure?.fields ?? {}}
              onChange={(name, value) => setRow((before) => ({ ...before, [name]: value }))}
            />
          ) : (
            <TextArea
              label="Request body"
              hint="One row as “input”, or several as “inputs”."
              error={problem}
              mono
              rows={18}
              value={json}
              onChange={setJson}
              spellCheck={false}
            />
          )}
        </form>
        <div className="sticky bottom-0 -mx-4 mt-4 -mb-4 flex flex-wrap items-center justify-end gap-3 rounded-b-lg border-t bg-surface px-4 py-3">
          {mayExplain && (
            <Checkbox
              label="Show what moved it"
              checked={explain}
              onChange={(next) => void setParams({ explain: next })}
            />
          )}
          <Button
            type="submit"
            form={FORM}
            variant="primary"
            loading={predict.isPending}
            disabled={problem !== null}
          >
            <Play aria-hidden className="size-3.5" />
            Predict
          </Button>
        </div>
      </Card>
      <PredictionResult
        answer={predict.data ?? null}
        failure={failure}
        pending={predict.isPending}
        target={signature.target.name}
      />
    </div>
  );
}
