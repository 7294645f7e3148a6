"use client";
import { useState } from "react";
import { Card, Facts } from "@/components/ui/card";
import { loggedText } from "@/components/ui/format";
import { SearchField } from "@/components/ui/search-field";
import { Badge } from "@/components/ui/status";
import type { Run } from "./run-page";

/** Parameters, metrics, tags and inputs as written. */
export function RunValues({ run }: { run: Run }) {
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <Entries
        title="Parameters"
        entries={run.params.map((param) => ({ name: param.key, value: param.value }))}
      />
      <Entries
        title="Metrics"
        entries={run.metrics.map((metric) => ({
          name: metric.key,
          value: `${loggedText(metric.value)} (step ${metric.step})`,
        }))}
      />
      <Entries
        title="Tags"
        entries={run.tags.map((tag) => ({ name: tag.key, value: tag.value }))}
      />
      <Card title="Inputs">
        {run.inputs.length === 0 ? (
          <p className="text-13 text-fg-subtle">None recorded.</p>
        ) : (
          <Facts
            items={run.inputs.map((input) => ({
              name: input.name,
              value: (
                <>
                  {input.context && <Badge>{input.context}</Badge>}{" "}
                  <code className="font-mono text-xs">{input.digest}</code>
                </>
              ),
            }))}
          />
        )}
      </Card>
    </div>
  );
}

function Entries({
  title,
  entries,
}: {
  title: string;
  entries: { name: string; value: string }[];
}) {
  const [search, setSearch] = useState("");
  const wanted = search.trim().toLowerCase();
  const shown = entries.filter(
    (entry) =>
      entry.name.toLowerCase().includes(wanted) || entry.value.toLowerCase().includes(wanted),
  );
  return (
    <Card
      title={`${title} (${entries.length})`}
      actions={
        entries.length > 12 && (
          <SearchField
            label={`Find in ${title.toLowerCase()}`}
            value={search}
            onChange={setSearch}
          />
        )
      }
    >
      {entries.length === 0 ? (
        <p className="text-13 text-fg-subtle">None recorded.</p>
      ) : (
        <Facts
          items={shown.map((entry) => ({
            name: entry.name,
            value: <span className="break-all font-mono text-xs">{entry.value}</span>,
          }))}
        />
      )}
    </Card>
  );
}
