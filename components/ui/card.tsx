import type { ReactNode } from "react";
import { cn } from "./class-names";

/** A bordered surface; with a title it is a section of the page. */
export function Card({
  title,
  description,
  actions,
  children,
  className,
  flush,
}: {
  title?: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  className?: string;
  /** Content touches the edges: tables, logs. */
  flush?: boolean;
}) {
  return (
    <section className={cn("min-w-0 rounded-lg border bg-surface shadow-card", className)}>
      {title && (
        <header className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 border-b px-4 py-1.5">
          <div className="min-w-0 flex-1">
            <h2 className="font-semibold text-13">{title}</h2>
            {description && <p className="text-fg-subtle text-xs">{description}</p>}
          </div>
          {actions}
        </header>
      )}
      <div className={flush ? cn("overflow-hidden rounded-b-lg", !title && "rounded-t-lg") : "p-4"}>
        {children}
      </div>
    </section>
  );
}

/** Names and values, for the facts of one thing. */
export function Facts({
  items,
  columns = 1,
}: {
  items: { name: string; value: ReactNode }[];
  columns?: 1 | 2;
}) {
  return (
    <dl className={cn("grid gap-x-8 text-13", columns === 2 && "md:grid-cols-2")}>
      {items.map((item) => (
        <div
          key={item.name}
          className="flex min-h-8 items-baseline justify-between gap-4 border-b border-dashed py-1.5 last:border-b-0"
        >
          <dt className="max-w-3/5 shrink-0 wrap-anywhere text-fg-subtle">{item.name}</dt>
          {/* A short value stands at the right edge; one of several lines begins at the left. */}
          <dd className="min-w-0 wrap-anywhere">{item.value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** One figure with its name, for rows of key figures. */
export function Stat({
  name,
  value,
  detail,
}: {
  name: string;
  value: ReactNode;
  detail?: ReactNode;
}) {
  return (
    <div className="min-w-0">
      <div className="text-fg-subtle text-xs">{name}</div>
      <div className="mt-0.5 truncate font-semibold text-lg tabular-nums leading-tight">
        {value}
      </div>
      {detail && <div className="mt-0.5 text-fg-subtle text-xs">{detail}</div>}
    </div>
  );
}
