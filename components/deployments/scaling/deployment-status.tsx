import { Status } from "@/components/ui/status";
import type { DeploymentDto } from "@/server/deployments/schemas";

/** The status of a deployment: one that answers while a version comes is rolling out, one without nodes idle. */
export function DeploymentStatus({
  deployment: { status, replicas, activeVersion },
}: {
  deployment: Pick<DeploymentDto, "status" | "replicas" | "activeVersion">;
}) {
  const isAnswering = status === "active" || status === "rolled_back";
  if (isAnswering && replicas === 0) return <Status status="idle" label="Idle, 0 replicas" />;
  if (status === "deploying" && activeVersion)
    return <Status status={status} label="Rolling out" />;
  return <Status status={status} />;
}
