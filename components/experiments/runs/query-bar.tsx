"use client";
import { Autocomplete } from "@base-ui/react/autocomplete";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Filter, X } from "lucide-react";
import { type KeyboardEvent, useDeferredValue, useEffect, useRef, useState } from "react";
import { useTRPC } from "@/components/trpc/client";
import { IconButton } from "@/components/ui/button";
import { cn } from "@/components/ui/class-names";
import { INPUT } from "@/components/ui/field";
import { Kbd } from "@/components/ui/kbd";
import { asFilter } from "./as-filter";
import { filterProblem } from "./conditions";

/** A suggestion as the list shows it; `value` is the whole text once it is taken. */
interface Offer {
  value: string;
  label: string;
  detail: string;
}

/**
 * The filter as text, with completion. Plain words search the names of runs. Enter asks the server;
 * what is wrong is said under the field, and the table keeps its rows meanwhile.
 */
export function QueryBar({
  experimentIds,
  value,
  onChange,
  error,
}: {
  experimentIds: string[];
  value: string;
  onChange: (filter: string) => void;
  /** Why the server refused the present filter. */
  error: string | null;
}) {
  const [draft, setDraft] = useState(value);
  const [open, setOpen] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const highlighted = useRef(false);
  useEffect(() => setDraft(value), [value]);
  const offers = useOffers(
    experimentIds,
    draft,
    input.current?.selectionStart ?? draft.length,
    open,
  );
  const [problem, setProblem] = useState<string | null>(null);
  const ask = (text: string) => {
    setOpen(false);
    const filter = asFilter(text);
    const wrong = filterProblem(filter);
    setProblem(wrong);
    if (wrong === null) onChange(filter);
  };
  const said = problem ?? error;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && !(open && highlighted.current)) ask(draft);
    if (event.key === "Escape" && !open && draft !== value) setDraft(value);
  };
  return (
    <div className="min-w-0 flex-1 basis-80">
      <Autocomplete.Root
        items={offers}
        mode="none"
        value={draft}
        open={open && offers.length > 0}
        onOpenChange={setOpen}
        onValueChange={(next, details) => {
          setDraft(next);
          setProblem(null);
          setOpen(details.reason === "input-change");
          // An item that was taken leaves the field ready for the next word.
          if (details.reason === "item-press") requestAnimationFrame(() => input.current?.focus());
        }}
        onItemHighlighted={(item) => {
          highlighted.current = item !== undefined;
        }}
      >
        <div className="relative">
          <Filter
            aria-hidden
            className="pointer-events-none absolute top-2 left-2.5 size-4 text-fg-subtle"
          />
          <Autocomplete.Input
            ref={input}
            aria-label="Filter runs"
            aria-invalid={said !== null || undefined}
            aria-describedby="query-help"
            placeholder="metrics.accuracy > 0.9 AND params.depth = '6'"
            spellCheck={false}
            autoCapitalize="off"
            onKeyDown={onKeyDown}
            onFocus={() => setOpen(true)}
            className={cn(INPUT, "pr-20 pl-8 font-mono text-xs")}
          />
          <div className="absolute inset-y-0 right-1 flex items-center gap-1">
            {draft !== value && <Kbd>↵</Kbd>}
            {(draft !== "" || value !== "") && (
              <IconButton
                size="icon-sm"
                label="Clear the filter"
                onClick={() => {
                  setDraft("");
                  setProblem(null);
                  onChange("");
                }}
              >
                <X aria-hidden className="size-3.5" />
              </IconButton>
            )}
          </div>
        </div>
        <Offers />
      </Autocomplete.Root>
      <p
        id="query-help"
        className={cn("mt-1 text-xs", said ? "text-danger" : "sr-only")}
        role={said ? "alert" : undefined}
      >
        {said ?? "Names of runs, or conditions joined by AND, OR, NOT and parentheses."}
      </p>
    </div>
  );
}

function Offers() {
  return (
    <Autocomplete.Portal>
      <Autocomplete.Positioner sideOffset={4} className="z-50 outline-none">
        <Autocomplete.Popup className="w-(--anchor-width) rounded-lg border bg-raised shadow-pop">
          <Autocomplete.List className="max-h-72 overflow-y-auto p-1">
            {(offer: Offer) => (
              <Autocomplete.Item
                key={offer.value}
                value={offer}
                className="flex min-h-8 cursor-default select-none items-center gap-3 rounded-md px-2 font-mono text-xs outline-none data-highlighted:bg-hover"
              >
                <span className="min-w-0 flex-1 truncate">{offer.label}</span>
                <span className="font-sans text-fg-subtle">{offer.detail}</span>
              </Autocomplete.Item>
            )}
          </Autocomplete.List>
        </Autocomplete.Popup>
      </Autocomplete.Positioner>
    </Autocomplete.Portal>
  );
}

/** What the server offers at the cursor, each with the text it leads to. */
function useOffers(
  experimentIds: string[],
  draft: string,
  position: number,
  enabled: boolean,
): Offer[] {
  const trpc = useTRPC();
  const filter = useDeferredValue(draft);
  const completion = useQuery({
    ...trpc.experiments.completeFilter.queryOptions({ experimentIds, filter, position }),
    enabled,
    placeholderData: keepPreviousData,
    retry: false,
  });
  const data = completion.data;
  if (!data || filter !== draft) return [];
  return data.suggestions.map((one) => ({
    value: `${draft.slice(0, data.from)}${one.text} ${draft.slice(data.to).trimStart()}`,
    label: one.text,
    detail: one.detail,
  }));
}
