"use client";
import { useQuery } from "@tanstack/react-query";
import { ShieldAlert, ShieldCheck } from "lucide-react";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/class-names";
import { toFailure } from "@/components/ui/failure";
import { formatCount } from "@/components/ui/format";

/** Asks the server to check every hash, on demand: it reads the whole chain. */
export function useVerification() {
  const trpc = useTRPC();
  return useQuery({
    ...trpc.access.verifyAudit.queryOptions(),
    enabled: false,
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
}
type Verification = ReturnType<typeof useVerification>;

export const VerifyButton = ({ verification }: { verification: Verification }) => (
  <Button loading={verification.isFetching} onClick={() => void verification.refetch()}>
    {!verification.isFetching && <ShieldCheck aria-hidden className="size-3.5" />}
    Verify the chain
  </Button>
);

/** What the last check found. */
export function VerifyResult({ verification }: { verification: Verification }) {
  const { data, error, dataUpdatedAt } = verification;
  if (error) {
    return (
      <Banner bad title="The chain could not be checked">
        {toFailure(error).detail}
      </Banner>
    );
  }
  if (!data) return null;
  if (data.broken) {
    return (
      <Banner bad title={`Entry #${data.broken.seq} is not as it was written`}>
        {data.broken.reason}. {formatCount(data.rows)} entries before it are whole.
      </Banner>
    );
  }
  return (
    <Banner title={`The chain is whole: ${formatCount(data.rows)} entries`}>
      Every hash was checked at {new Date(dataUpdatedAt).toLocaleTimeString()}.
      {data.head && (
        <>
          {" "}
          Newest: <code className="break-all font-mono text-xs">{data.head.slice(0, 16)}…</code>
        </>
      )}
    </Banner>
  );
}

function Banner({
  bad = false,
  title,
  children,
}: {
  bad?: boolean;
  title: string;
  children: React.ReactNode;
}) {
  const Icon = bad ? ShieldAlert : ShieldCheck;
  return (
    <div
      role={bad ? "alert" : "status"}
      className={cn(
        "mb-3 flex gap-2.5 rounded-lg p-3 text-13",
        bad ? "bg-danger-soft text-danger" : "bg-positive-soft text-positive",
      )}
    >
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
      <div className="min-w-0">
        <p className="font-semibold">{title}</p>
        <p>{children}</p>
      </div>
    </div>
  );
}
