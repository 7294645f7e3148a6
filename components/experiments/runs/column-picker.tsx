"use client";
import { Popover } from "@base-ui/react/popover";
import { Columns3 } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { formatCompact } from "@/components/ui/format";
import { SearchField } from "@/components/ui/search-field";
import { Checkbox } from "@/components/ui/toggles";
import { ATTRIBUTES, type AttributeKey } from "./run-columns";

export interface ColumnKeys {
  metrics: { key: string; runs: number }[];
  params: { key: string; runs: number }[];
  tags: { key: string; runs: number }[];
}

/** Keys of one kind listed before somebody searches. */
const LISTED = 60;

/** Chooses what stands in the table; found by typing, since a team has thousands of keys. */
export function ColumnPicker({
  keys,
  shown,
  onShown,
  onReset,
}: {
  keys: ColumnKeys | undefined;
  shown: string[];
  onShown: (shown: string[]) => void;
  onReset: () => void;
}) {
  const [search, setSearch] = useState("");
  const matches = (text: string) => text.toLowerCase().includes(search.trim().toLowerCase());
  const attributes = (Object.keys(ATTRIBUTES) as AttributeKey[])
    .filter((key) => key !== "name" && matches(ATTRIBUTES[key].label))
    .map((key) => ({ id: `a:${key}`, label: ATTRIBUTES[key].label, runs: null }));
  const of = (prefix: string, list: { key: string; runs: number }[] | undefined) =>
    (list ?? [])
      .filter(({ key }) => matches(key))
      .slice(0, LISTED)
      .map(({ key, runs }) => ({ id: prefix + key, label: key, runs }));
  const groups = [
    { title: "Metrics", items: of("m:last:", keys?.metrics) },
    { title: "Parameters", items: of("p:", keys?.params) },
    { title: "Tags", items: of("t:", keys?.tags) },
    { title: "Facts", items: attributes },
  ].filter(({ items }) => items.length > 0);
  return (
    <Popover.Root>
      <Popover.Trigger
        render={
          <Button>
            <Columns3 aria-hidden className="size-3.5" />
            Columns
          </Button>
        }
      />
      <Popover.Portal>
        <Popover.Positioner sideOffset={4} align="end" className="z-50">
          <Popover.Popup
            aria-label="Columns"
            className="flex max-h-112 w-80 flex-col gap-3 rounded-lg border bg-raised p-3 shadow-pop outline-none"
          >
            <SearchField label="Find a column" value={search} onChange={setSearch} wide />
            <div className="min-h-0 flex-1 overflow-y-auto">
              {groups.map(({ title, items }) => (
                <fieldset key={title} className="mb-3 last:mb-0">
                  <legend className="mb-1 text-2xs text-fg-subtle">{title}</legend>
                  {items.map((item) => (
                    <PickerLine key={item.id} {...item} shown={shown} onShown={onShown} />
                  ))}
                </fieldset>
              ))}
              {groups.length === 0 && <p className="text-13 text-fg-muted">Nothing matches.</p>}
            </div>
            <Button onClick={onReset}>Show what most runs have</Button>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

function PickerLine({
  id,
  label,
  runs,
  shown,
  onShown,
}: {
  id: string;
  label: string;
  runs: number | null;
  shown: string[];
  onShown: (shown: string[]) => void;
}) {
  return (
    <div className="flex items-center justify-between gap-2">
      <Checkbox
        label={label}
        checked={shown.includes(id)}
        onChange={(on) => onShown(on ? [...shown, id] : shown.filter((other) => other !== id))}
      />
      {runs !== null && (
        <span className="shrink-0 text-2xs text-fg-subtle tabular-nums">
          {formatCompact(runs)} runs
        </span>
      )}
    </div>
  );
}
