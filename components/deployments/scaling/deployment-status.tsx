import { Status } from "@/components/ui/status";
import type { DeploymentDto } from "@/server/deployments/schemas";

/** The status of a deployment; one that answers but holds no node now is idle. */
export function DeploymentStatus({
  deployment: { status, replicas },
}: {
  deployment: Pick<DeploymentDto, "status" | "replicas">;
}) {
  const isAnswering = status === "active" || status === "rolled_back";
  if (isAnswering && replicas === 0) return <Status status="idle" label="Idle, 0 replicas" />;
  return <Status status={status} />;
}
