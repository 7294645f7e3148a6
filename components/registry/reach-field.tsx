import { Segmented } from "@/components/ui/toggles";
import { LINEAGE_REACH, type LineageReach } from "./lineage-graph";

const LABELS: Record<LineageReach, string> = {
  both: "Both ways",
  up: "Made from",
  down: "Made of it",
};

/** Which way a lineage graph looks. */
export const ReachField = ({
  value,
  onChange,
}: {
  value: LineageReach;
  onChange: (next: LineageReach) => void;
}) => (
  <Segmented
    label="Direction"
    value={value}
    onChange={onChange}
    choices={LINEAGE_REACH.map((one) => ({ value: one, label: LABELS[one] }))}
  />
);
