"use client";
import Link from "next/link";
import { useWorkspace } from "@/components/shell/workspace";
import { Card } from "@/components/ui/card";
import { Status } from "@/components/ui/status";
import { RelativeTime } from "@/components/ui/time";
import { replicasOf } from "@/server/deployments/replicas-of";
import type { DeploymentDetailDto, VariantDto } from "@/server/deployments/schemas";

/** Versions this endpoint has served, newest first. */
export function VariantList({ deployment }: { deployment: DeploymentDetailDto }) {
  const { path } = useWorkspace();
  const replicas = ({ replicaShare }: VariantDto) =>
    `${replicasOf(deployment.replicas, replicaShare)} of ${deployment.replicas} replicas`;
  return (
    <Card title="Versions served" flush>
      <ul className="divide-y">
        {deployment.variants.map((variant) => (
          <li key={variant.id} className="flex items-center gap-3 px-4 py-2 text-13">
            <Link
              href={path("registry", deployment.modelId, "versions", variant.versionNumber)}
              className="inline-flex min-h-6 items-center font-medium hover:underline"
            >
              v{variant.versionNumber}
            </Link>
            <Status status={variant.status} />
            {variant.status === "active" && (
              <span className="text-fg-subtle text-xs tabular-nums">
                {variant.role === "shadow" ? "shadow" : `${variant.weight}%`}
                {variant.replicaShare !== null && `, ${replicas(variant)}`}
              </span>
            )}
            <span className="ml-auto text-fg-subtle text-xs">
              <RelativeTime at={variant.retiredAt ?? variant.activatedAt ?? variant.createdAt} />
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
