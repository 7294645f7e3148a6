"use client";
import { Tabs as Base } from "@base-ui/react/tabs";
import Link from "next/link";
import type { ReactNode } from "react";
import { cn } from "./class-names";

const TAB =
  "-mb-px inline-flex h-9 items-center gap-1.5 whitespace-nowrap border-transparent border-b-2 px-1 font-medium text-13 text-fg-muted hover:text-fg focus-visible:-outline-offset-2";
const BAR = "flex gap-5 overflow-x-auto overflow-y-hidden border-b";

export interface TabItem<V extends string = string> {
  value: V;
  label: ReactNode;
  /** A number after the label. */
  count?: number | undefined;
}

const Count = ({ count }: { count: number | undefined }) =>
  count === undefined ? null : (
    <span className="rounded bg-muted px-1 text-2xs text-fg-muted tabular-nums">{count}</span>
  );

/** Tabs over panels of one page. Children are the panel of the present tab. */
export function Tabs<V extends string>({
  label,
  value,
  onChange,
  tabs,
  children,
}: {
  label: string;
  value: V;
  onChange: (value: V) => void;
  tabs: TabItem<V>[];
  children: ReactNode;
}) {
  return (
    <Base.Root value={value} onValueChange={(next) => onChange(next as V)}>
      <Base.List aria-label={label} className={BAR}>
        {tabs.map((tab) => (
          <Base.Tab
            key={tab.value}
            value={tab.value}
            className={cn(TAB, "data-active:border-fg data-active:text-fg")}
          >
            {tab.label}
            <Count count={tab.count} />
          </Base.Tab>
        ))}
      </Base.List>
      <Base.Panel value={value} className="pt-5 outline-none">
        {children}
      </Base.Panel>
    </Base.Root>
  );
}

/** Links between sibling pages that look like tabs. */
export function LinkTabs({
  label,
  tabs,
}: {
  label: string;
  tabs: { href: string; label: string; active: boolean }[];
}) {
  return (
    <nav aria-label={label} className={BAR}>
      {tabs.map((tab) => (
        <Link
          key={tab.href}
          href={tab.href}
          aria-current={tab.active ? "page" : undefined}
          className={cn(TAB, tab.active && "border-fg text-fg")}
        >
          {tab.label}
        </Link>
      ))}
    </nav>
  );
}
