"use client";
import { Input } from "@base-ui/react/input";
import { Search } from "lucide-react";
import { cn } from "./class-names";
import { INPUT } from "./field";

/** Search above a list. */
export function SearchField({
  label,
  value,
  onChange,
  wide,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** As wide as what it stands in. */
  wide?: boolean;
}) {
  return (
    <div className={cn("relative w-full", !wide && "sm:w-64")}>
      <Search
        aria-hidden
        className="pointer-events-none absolute top-2 left-2.5 size-4 text-fg-subtle"
      />
      <Input
        type="search"
        aria-label={label}
        placeholder={label}
        value={value}
        onValueChange={onChange}
        className={cn(INPUT, "pl-8")}
      />
    </div>
  );
}
