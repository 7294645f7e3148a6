"use client";
import { Download } from "lucide-react";
import { useWorkspace } from "@/components/shell/workspace";
import { Button } from "@/components/ui/button";
import { Menu, MenuItem } from "@/components/ui/menu";

/** The runs the filter lets through, all of them, as a file. */
export function ExportMenu({
  experiment,
  filter,
  orderBy,
  view,
}: {
  experiment: string;
  filter: string;
  orderBy: string[];
  view: "active" | "deleted";
}) {
  const { slug } = useWorkspace();
  const save = (format: "csv" | "parquet") => {
    const query = new URLSearchParams({ workspace: slug, format, experiment, filter, view });
    const [order] = orderBy;
    if (order) query.set("orderBy", order);
    window.location.assign(`/api/v1/runs/export?${query}`);
  };
  return (
    <Menu
      trigger={
        <Button>
          <Download aria-hidden className="size-3.5" />
          Export
        </Button>
      }
    >
      <MenuItem onClick={() => save("csv")}>All runs as CSV</MenuItem>
      <MenuItem onClick={() => save("parquet")}>All runs as Parquet</MenuItem>
    </Menu>
  );
}
