import { formatMs } from "@/components/ui/format";
import { Status } from "@/components/ui/status";
import type { ExternalCheck } from "@/server/registry/external/schemas";

export const checkStatus = ({ ready, error }: ExternalCheck) =>
  !ready
    ? { status: "failed", label: "Not ready" }
    : error
      ? { status: "degraded", label: "Ready, does not answer" }
      : { status: "ready", label: "Ready" };

/** What a look at the server found, in a line. */
export function CheckResult({ check }: { check: ExternalCheck }) {
  return (
    <p className="flex flex-wrap items-center gap-2 text-13">
      <Status {...checkStatus(check)} />
      {check.error ??
        (check.answered
          ? `It answered a row of zeros in ${formatMs(check.latencyMs)}.`
          : "It was not asked for a prediction.")}
    </p>
  );
}
