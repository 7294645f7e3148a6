"use client";
import { Popover } from "@base-ui/react/popover";
import { Rows3 } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { SearchField } from "@/components/ui/search-field";
import { Checkbox } from "@/components/ui/toggles";
import type { ColumnKeys } from "./column-picker";

/** Keys one group may be made of at most. */
const KEYS_MAX = 5;
const LISTED = 60;

/** Chooses the parameters and tags whose equal values make a group. */
export function GroupPicker({
  keys,
  group,
  onGroup,
}: {
  keys: ColumnKeys | undefined;
  group: string[];
  onGroup: (group: string[]) => void;
}) {
  const [search, setSearch] = useState("");
  const choices = [
    ...(keys?.params ?? []).map(({ key }) => ({ id: `p:${key}`, label: key })),
    ...(keys?.tags ?? []).map(({ key }) => ({ id: `t:${key}`, label: `${key} (tag)` })),
  ].filter(({ label }) => label.toLowerCase().includes(search.trim().toLowerCase()));
  return (
    <Popover.Root>
      <Popover.Trigger
        render={
          <Button>
            <Rows3 aria-hidden className="size-3.5" />
            Group
            {group.length > 0 && (
              <span className="rounded bg-accent-soft px-1 text-2xs text-accent-text">
                {group.length}
              </span>
            )}
          </Button>
        }
      />
      <Popover.Portal>
        <Popover.Positioner sideOffset={4} align="end" className="z-50">
          <Popover.Popup
            aria-label="Group runs"
            className="flex max-h-96 w-72 flex-col gap-2 rounded-lg border bg-raised p-3 shadow-pop outline-none"
          >
            <SearchField label="Find a parameter" value={search} onChange={setSearch} wide />
            <div className="min-h-0 flex-1 overflow-y-auto">
              {choices.slice(0, LISTED).map(({ id, label }) => (
                <div key={id}>
                  <Checkbox
                    label={label}
                    checked={group.includes(id)}
                    disabled={group.length >= KEYS_MAX && !group.includes(id)}
                    onChange={(on) =>
                      onGroup(on ? [...group, id] : group.filter((other) => other !== id))
                    }
                  />
                </div>
              ))}
              {choices.length === 0 && (
                <p className="text-13 text-fg-muted">The runs have no parameters or tags.</p>
              )}
            </div>
            {group.length > 0 && <Button onClick={() => onGroup([])}>Show single runs</Button>}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
