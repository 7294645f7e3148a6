import { Segmented } from "@/components/ui/toggles";
import type { ApprovalFilter } from "./approval-list";

/** What waits, or everything there was. */
export const FilterApprovals = ({
  value,
  onChange,
}: {
  value: ApprovalFilter;
  onChange: (next: ApprovalFilter) => void;
}) => (
  <Segmented
    label="Requests shown"
    value={value}
    onChange={onChange}
    choices={[
      { value: "open", label: "Waiting" },
      { value: "all", label: "All" },
    ]}
  />
);
