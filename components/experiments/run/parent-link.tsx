"use client";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";

/** The run this one is part of, by name; by id where it is gone. */
export function ParentLink({ runId }: { runId: string }) {
  const trpc = useTRPC();
  const { path } = useWorkspace();
  const parent = useQuery({ ...trpc.experiments.getRun.queryOptions({ runId }), retry: false });
  return (
    <Link
      href={path("experiments", "runs", runId)}
      className="inline-flex min-h-6 items-center text-accent-text hover:underline"
    >
      {parent.data?.name ?? runId}
    </Link>
  );
}
