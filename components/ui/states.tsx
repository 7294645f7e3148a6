"use client";
import { CloudAlert, Lock, SearchX } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "./button";
import { cn } from "./class-names";
import { type Failure, toFailure } from "./failure";

/** A grey block where content will be. */
export const Skeleton = ({ className }: { className?: string }) => (
  <div aria-hidden className={cn("animate-pulse rounded-md bg-muted", className)} />
);

/** Rows of grey while a table loads. */
export function TableSkeleton({ rows = 6 }: { rows?: number }) {
  return (
    <div role="status" className="divide-y">
      <span className="sr-only">Loading</span>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: identical rows that never move.
        <div key={row} className="flex h-10 items-center gap-6 px-4">
          <Skeleton className="h-3.5 w-1/4" />
          <Skeleton className="h-3.5 w-1/6" />
          <Skeleton className="ml-auto h-3.5 w-16" />
        </div>
      ))}
    </div>
  );
}

/** Grey blocks while a page loads. */
export function PageSkeleton() {
  return (
    <div role="status" className="space-y-5">
      <span className="sr-only">Loading</span>
      <Skeleton className="h-7 w-56" />
      <div className="grid gap-4 sm:grid-cols-3">
        <Skeleton className="h-24" />
        <Skeleton className="h-24" />
        <Skeleton className="h-24" />
      </div>
      <Skeleton className="h-64" />
    </div>
  );
}

/** Says what is not there yet and leads to the next step. */
export function EmptyState({
  icon,
  title,
  children,
  action,
  className,
}: {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  className?: string;
}) {
  return (
    <div className={cn("flex flex-col items-center px-6 py-12 text-center", className)}>
      {icon && (
        <div className="mb-3 flex size-10 items-center justify-center rounded-lg border bg-muted text-fg-subtle [&_svg]:size-5">
          {icon}
        </div>
      )}
      <p className="font-semibold text-sm">{title}</p>
      {children && (
        <div className="mt-1 max-w-md text-13 text-fg-muted leading-relaxed">{children}</div>
      )}
      {action && <div className="mt-4 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  );
}

const TITLES: Partial<Record<Failure["code"], string>> = {
  forbidden: "Your role does not allow this",
  not_found: "Not found",
  offline: "The server cannot be reached",
};

/** What went wrong, with the request id, and a way to try again. */
export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const failure = toFailure(error);
  const Icon =
    failure.code === "forbidden" ? Lock : failure.code === "not_found" ? SearchX : CloudAlert;
  const retry = onRetry && failure.code !== "forbidden" && failure.code !== "not_found";
  return (
    <div role="alert">
      <EmptyState
        icon={<Icon aria-hidden />}
        title={TITLES[failure.code] ?? failure.title}
        action={retry && <Button onClick={onRetry}>Try again</Button>}
      >
        <p>{failure.detail}</p>
        {failure.requestId && (
          <p className="mt-1 text-fg-subtle text-xs">
            Request id <code className="select-all font-mono">{failure.requestId}</code>
          </p>
        )}
      </EmptyState>
    </div>
  );
}

interface QueryLike<T> {
  data: T | undefined;
  error: unknown;
  isPending: boolean;
  refetch: () => unknown;
}

/** Chooses between skeleton, error and content for one query. */
export function QueryView<T>({
  query,
  skeleton,
  children,
}: {
  query: QueryLike<T>;
  skeleton?: ReactNode;
  children: (data: T) => ReactNode;
}) {
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return skeleton ?? <PageSkeleton />;
}
