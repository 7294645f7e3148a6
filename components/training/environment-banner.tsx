"use client";
import { useQuery } from "@tanstack/react-query";
import { LoaderCircle, TriangleAlert } from "lucide-react";
import { useTRPC } from "@/components/trpc/client";
import { Progress } from "@/components/ui/progress";

/** While the Python environment of the trainers is being made, jobs wait; this says so. */
export function EnvironmentBanner() {
  const trpc = useTRPC();
  const environment = useQuery({
    ...trpc.training.environment.queryOptions(),
    refetchInterval: ({ state }) => (state.data?.status === "ready" ? false : 2_000),
  });
  const { data } = environment;
  if (!data || data.status === "ready") return null;
  const failed = data.status === "failed";
  const Icon = failed ? TriangleAlert : LoaderCircle;
  return (
    <div
      role="status"
      className={`mb-4 flex gap-3 rounded-lg p-3 text-13 ${failed ? "bg-danger-soft text-danger" : "bg-accent-soft text-accent-text"}`}
    >
      <Icon aria-hidden className={`mt-0.5 size-4 shrink-0 ${failed ? "" : "animate-spin"}`} />
      <div className="min-w-0 flex-1 space-y-1.5">
        <p className="font-semibold">
          {failed
            ? "The training environment could not be prepared"
            : "Preparing the training environment"}
        </p>
        <p className="break-words">{data.message}</p>
        {!failed && <Progress value={data.progress} label="Training environment" />}
      </div>
    </div>
  );
}
