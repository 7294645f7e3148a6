"use client";
import { Input } from "@base-ui/react/input";
import { X } from "lucide-react";
import { useId } from "react";
import { AUDIT_RANGES } from "@/app/(workspace)/[workspace]/settings/audit/search-params";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/class-names";
import { INPUT, TextField } from "@/components/ui/field";
import { humanize } from "@/components/ui/format";
import { Toolbar } from "@/components/ui/page";
import { SearchField } from "@/components/ui/search-field";
import { Select } from "@/components/ui/select";
import { Switch } from "@/components/ui/toggles";
import type { AuditState } from "./audit-query";
import { ACTOR_KINDS, AUDIT_SUBJECTS } from "./audit-words";

const RANGES: Record<(typeof AUDIT_RANGES)[number], string> = {
  any: "Any time",
  "1h": "Last hour",
  "24h": "Last 24 hours",
  "7d": "Last 7 days",
  "30d": "Last 30 days",
  custom: "Between two times",
};

type Change = (next: Partial<AuditState>) => void;

/** Everything the trail can be searched by; the state is the address of the page. */
export function AuditFilters({
  state,
  seen,
  onChange,
}: {
  state: AuditState;
  /** Actions on the page, offered as completions. */
  seen: string[];
  onChange: Change;
}) {
  const kind = ACTOR_KINDS.find((one) => one.value === state.actor);
  return (
    <>
      <Toolbar>
        <SearchField
          label="Person, key or id"
          value={kind ? "" : state.actor}
          onChange={(actor) => onChange({ actor })}
        />
        <ActionField value={state.action} seen={seen} onChange={(action) => onChange({ action })} />
        <Select
          ariaLabel="Kind of actor"
          value={kind?.value ?? "any"}
          onChange={(next) => onChange({ actor: next === "any" ? "" : next })}
          options={[...ACTOR_KINDS]}
        />
        <Select
          ariaLabel="Kind of thing"
          value={state.subject || "all"}
          onChange={(next) => onChange({ subject: next === "all" ? "" : next })}
          options={[
            { value: "all", label: "Everything" },
            ...AUDIT_SUBJECTS.map((value) => ({ value, label: humanize(value) })),
          ]}
        />
        <Select
          ariaLabel="Time"
          value={state.range}
          onChange={(range) => onChange({ range })}
          options={AUDIT_RANGES.map((value) => ({ value, label: RANGES[value] }))}
        />
        {!state.action && (
          <Switch
            label="Hide routine"
            checked={!state.all}
            onChange={(hide) => onChange({ all: !hide })}
          />
        )}
      </Toolbar>
      {state.range === "custom" && <CustomRange state={state} onChange={onChange} />}
      {state.id && (
        <Toolbar>
          <Button variant="secondary" size="sm" onClick={() => onChange({ id: "" })}>
            Only <code className="max-w-40 truncate font-mono text-xs">{state.id}</code>
            <X aria-label="Show all" className="size-3.5" />
          </Button>
        </Toolbar>
      )}
    </>
  );
}

function ActionField({
  value,
  seen,
  onChange,
}: {
  value: string;
  seen: string[];
  onChange: (action: string) => void;
}) {
  const list = useId();
  return (
    <>
      <Input
        aria-label="Action begins with"
        placeholder="Action, like model.created"
        value={value}
        onValueChange={onChange}
        list={list}
        autoComplete="off"
        spellCheck={false}
        className={cn(INPUT, "w-full sm:w-56")}
      />
      <datalist id={list}>
        {seen.map((action) => (
          <option key={action} value={action} />
        ))}
      </datalist>
    </>
  );
}

const CustomRange = ({ state, onChange }: { state: AuditState; onChange: Change }) => (
  <Toolbar>
    <TextField
      type="datetime-local"
      label="From"
      value={state.from}
      onChange={(from) => onChange({ from })}
      className="w-full sm:w-56"
    />
    <TextField
      type="datetime-local"
      label="Before"
      value={state.to}
      onChange={(to) => onChange({ to })}
      className="w-full sm:w-56"
    />
  </Toolbar>
);
