"use client";
import { ZoomIn, ZoomOut } from "lucide-react";
import { useQueryStates } from "nuqs";
import { useState } from "react";
import { chartsSearchParams } from "@/app/(workspace)/[workspace]/experiments/search-params";
import { Button } from "@/components/ui/button";
import { FormDialog } from "@/components/ui/form-dialog";
import { NumberField } from "@/components/ui/number-field";
import { Toolbar } from "@/components/ui/page";
import { SearchField } from "@/components/ui/search-field";
import { Segmented, Slider, Switch } from "@/components/ui/toggles";
import type { Zoom } from "./prepare-curves";

/** The window of an address; anything but two ascending numbers is none. */
export function zoomOf(numbers: number[] | null): Zoom | null {
  const [low, high] = numbers ?? [];
  return low !== undefined && high !== undefined && low < high ? [low, high] : null;
}

/** What all charts of a page share: names, smoothing, axes, and the part of x that is shown. */
export function ChartsToolbar({ zoom }: { zoom: Zoom | null }) {
  const [view, setView] = useQueryStates(chartsSearchParams);
  const [isAsking, setAsking] = useState(false);
  return (
    <Toolbar className="gap-x-5">
      <SearchField
        label="Find a metric"
        value={view.metric}
        onChange={(metric) => void setView({ metric })}
      />
      <Slider
        label="Smoothing"
        value={view.smoothing}
        onChange={(smoothing) => void setView({ smoothing })}
        min={0}
        max={0.99}
        step={0.01}
        format={(value) => value.toFixed(2)}
      />
      <Switch label="Log y" checked={view.log} onChange={(log) => void setView({ log })} />
      <Switch label="Log x" checked={view.logx} onChange={(logx) => void setView({ logx })} />
      <Segmented
        label="Horizontal axis"
        value={view.x}
        onChange={(x) => void setView({ x, zoom: null })}
        choices={[
          { value: "step", label: "Step" },
          { value: "time", label: "Time" },
        ]}
      />
      {zoom ? (
        <Button size="sm" onClick={() => void setView({ zoom: null })}>
          <ZoomOut aria-hidden className="size-3.5" />
          Show all
        </Button>
      ) : (
        <Button size="sm" onClick={() => setAsking(true)}>
          <ZoomIn aria-hidden className="size-3.5" />
          Zoom
        </Button>
      )}
      {isAsking && (
        <ZoomDialog
          unit={view.x === "time" ? "seconds into the run" : "steps"}
          onClose={() => setAsking(false)}
          onZoom={(next) => void setView({ zoom: [...next] })}
        />
      )}
    </Toolbar>
  );
}

/** The window by numbers, for those who do not drag. */
function ZoomDialog({
  unit,
  onClose,
  onZoom,
}: {
  unit: string;
  onClose: () => void;
  onZoom: (zoom: Zoom) => void;
}) {
  const [low, setLow] = useState<number | null>(0);
  const [high, setHigh] = useState<number | null>(null);
  return (
    <FormDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Zoom all charts"
      description={`In ${unit}. Dragging over a chart does the same; a double click shows all again.`}
      submitLabel="Zoom"
      disabled={low === null || high === null || low >= high}
      onSubmit={() => {
        if (low !== null && high !== null) onZoom([low, high]);
        onClose();
      }}
    >
      <div className="grid grid-cols-2 gap-4">
        <NumberField label="From" value={low} onChange={setLow} />
        <NumberField label="To" value={high} onChange={setHigh} />
      </div>
    </FormDialog>
  );
}
