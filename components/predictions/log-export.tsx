"use client";
import { Download } from "lucide-react";
import { useWorkspace } from "@/components/shell/workspace";
import { Button } from "@/components/ui/button";
import { Menu, MenuItem } from "@/components/ui/menu";
import type { LogFilters } from "./use-log-query";

/** What the filters let through, as a file. */
export function LogExport({ filters }: { filters: LogFilters }) {
  const { slug } = useWorkspace();
  const save = (format: "csv" | "parquet") => {
    const query = new URLSearchParams({ workspace: slug, format });
    for (const [name, value] of Object.entries(filters)) {
      if (value !== undefined) query.set(name, String(value));
    }
    window.location.assign(`/api/v1/predictions/export?${query}`);
  };
  return (
    <Menu
      trigger={
        <Button>
          <Download aria-hidden className="size-3.5" />
          Download
        </Button>
      }
    >
      <MenuItem onClick={() => save("csv")}>CSV</MenuItem>
      <MenuItem onClick={() => save("parquet")}>Parquet</MenuItem>
    </Menu>
  );
}
