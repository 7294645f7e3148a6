import { ChevronRight } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { cn } from "./class-names";

export interface Crumb {
  label: string;
  href: string;
}

/** Title, way back and actions of a page. */
export function PageHeader({
  title,
  description,
  crumbs = [],
  status,
  actions,
  meta,
}: {
  title: ReactNode;
  description?: ReactNode;
  crumbs?: Crumb[];
  status?: ReactNode;
  actions?: ReactNode;
  /** A quiet line of facts under the title. */
  meta?: ReactNode;
}) {
  return (
    <header className="mb-5">
      {crumbs.length > 0 && (
        <nav aria-label="Breadcrumb" className="mb-1.5">
          <ol className="flex flex-wrap items-center gap-1 text-fg-subtle text-xs">
            {crumbs.map((crumb, index) => (
              <li key={crumb.href} className="flex min-w-0 items-center gap-1">
                {index > 0 && <ChevronRight aria-hidden className="size-3 shrink-0" />}
                <Link
                  href={crumb.href}
                  className="inline-flex min-h-6 min-w-0 items-center hover:text-fg"
                >
                  <span className="max-w-96 truncate">{crumb.label}</span>
                </Link>
              </li>
            ))}
          </ol>
        </nav>
      )}
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-3">
        <div className="min-w-0 flex-1 basis-60">
          <div className="flex flex-wrap items-center gap-2.5">
            <h1 className="break-words font-semibold text-xl tracking-tight">{title}</h1>
            {status}
          </div>
          {description && <p className="mt-0.5 max-w-2xl text-13 text-fg-muted">{description}</p>}
          {meta && (
            <div className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-fg-subtle text-xs">
              {meta}
            </div>
          )}
        </div>
        {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </div>
    </header>
  );
}

/** Filters and search above a list. */
export const Toolbar = ({ children, className }: { children: ReactNode; className?: string }) => (
  <div className={cn("mb-3 flex flex-wrap items-center gap-2", className)}>{children}</div>
);
