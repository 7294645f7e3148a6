"use client";
import { humanize } from "./format";
import { Toolbar } from "./page";
import { Select } from "./select";

/** Narrows a list to one status; null is every one. */
export const StatusFilter = <S extends string>({
  value,
  onChange,
  statuses,
}: {
  value: S | null;
  onChange: (status: S | null) => void;
  statuses: readonly S[];
}) => (
  <Toolbar>
    <Select<S | "all">
      ariaLabel="Status"
      value={value ?? "all"}
      onChange={(next) => onChange(next === "all" ? null : next)}
      options={[
        { value: "all", label: "Every status" },
        ...statuses.map((status) => ({ value: status, label: humanize(status) })),
      ]}
    />
  </Toolbar>
);
