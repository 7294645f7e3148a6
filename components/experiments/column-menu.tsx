"use client";
import { Popover } from "@base-ui/react/popover";
import { Columns3 } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/toggles";

/** Chooses which parameters and metrics stand in the table. */
export function ColumnMenu({
  columns,
  hidden,
  onHidden,
}: {
  columns: { id: string; label: string }[];
  hidden: string[];
  onHidden: (hidden: string[]) => void;
}) {
  if (columns.length === 0) return null;
  const toggle = (id: string, shown: boolean) =>
    onHidden(shown ? hidden.filter((other) => other !== id) : [...hidden, id]);
  const group = (prefix: string) => columns.filter((column) => column.id.startsWith(prefix));
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
        <Popover.Positioner sideOffset={4} align="start" className="z-50">
          <Popover.Popup className="max-h-96 w-64 overflow-y-auto rounded-lg border bg-raised p-3 shadow-pop outline-none">
            {[
              { title: "Metrics", items: group("metric:") },
              { title: "Parameters", items: group("param:") },
            ].map(
              ({ title, items }) =>
                items.length > 0 && (
                  <fieldset key={title} className="mb-2 last:mb-0">
                    <legend className="mb-1 text-2xs text-fg-subtle">{title}</legend>
                    {items.map((column) => (
                      <div key={column.id}>
                        <Checkbox
                          label={column.label}
                          checked={!hidden.includes(column.id)}
                          onChange={(shown) => toggle(column.id, shown)}
                        />
                      </div>
                    ))}
                  </fieldset>
                ),
            )}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
