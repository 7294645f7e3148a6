"use client";
import { ListFilter } from "lucide-react";
import { useState } from "react";
import { ViewsMenu } from "@/components/experiments/runs/views-menu";
import { Allowed } from "@/components/shell/workspace";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Toolbar } from "@/components/ui/page";
import { SearchField } from "@/components/ui/search-field";
import { Select } from "@/components/ui/select";
import { Segmented, Switch } from "@/components/ui/toggles";
import { LogExport } from "./log-export";
import { LogFilterForm } from "./log-filter-form";
import { OutcomeUpload } from "./outcome-upload";
import type { useLogQuery } from "./use-log-query";

const RANGES = [
  { value: "15" as const, label: "Last 15 minutes" },
  { value: "60" as const, label: "Last hour" },
  { value: "1440" as const, label: "Last 24 hours" },
  { value: "10080" as const, label: "Last 7 days" },
  { value: "43200" as const, label: "Last 30 days" },
  { value: "525600" as const, label: "Last year" },
];

const SHOWN = [
  { value: "all" as const, label: "All" },
  { value: "ok" as const, label: "Answered" },
  { value: "refused" as const, label: "Refused" },
  { value: "failed" as const, label: "Failed" },
];

/** What of the log is shown: time, outcome, request; the other filters open below. */
export function LogToolbar({
  query,
  deployment,
}: {
  query: ReturnType<typeof useLogQuery>;
  deployment: string | undefined;
}) {
  const { params, setParams, filters, active, clear } = query;
  const [isOpen, setOpen] = useState(active > 0);
  return (
    <>
      <Toolbar>
        <Segmented
          label="Show"
          value={params.shown}
          onChange={(shown) => void setParams({ shown })}
          choices={SHOWN}
        />
        <Select
          ariaLabel="Time range"
          value={params.within}
          onChange={(within) => void setParams({ within })}
          options={RANGES}
        />
        <SearchField
          label="Request id"
          value={params.request ?? ""}
          onChange={(request) => void setParams({ request: request || null })}
        />
        <Button aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          <ListFilter aria-hidden className="size-3.5" />
          Filters{active > 0 && ` (${active})`}
        </Button>
        {active > 0 && (
          <Button variant="ghost" onClick={clear}>
            Clear
          </Button>
        )}
        <span className="flex-1" />
        {query.mayFollow && (
          <Switch
            label="Live"
            checked={params.live}
            onChange={(live) => void setParams({ live })}
          />
        )}
        <ViewsMenu page={deployment ? `deployment:${deployment}:predictions` : "predictions"} />
        <Allowed permission="predictions:create">
          <OutcomeUpload />
        </Allowed>
        <LogExport filters={filters} />
      </Toolbar>
      {isOpen && (
        <Card className="mb-3">
          <LogFilterForm query={query} deployment={deployment} />
        </Card>
      )}
    </>
  );
}
