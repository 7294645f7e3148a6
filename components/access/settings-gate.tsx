"use client";
import { Lock } from "lucide-react";
import type { ReactNode } from "react";
import { useWorkspace, WhomToAsk } from "@/components/shell/workspace";
import { EmptyState } from "@/components/ui/states";
import type { Permission } from "@/server/access/constants";

/** A whole page for those who may see it; the others are told whom to ask. */
export function SettingsGate({
  permission,
  children,
}: {
  permission: Permission;
  children: ReactNode;
}) {
  if (useWorkspace().can(permission)) return children;
  return (
    <EmptyState icon={<Lock aria-hidden />} title="Your role does not allow this page">
      <WhomToAsk permission={permission} />
    </EmptyState>
  );
}
