import type { Metadata } from "next";
import { AuditPage } from "@/components/access/audit-page";
import { SettingsGate } from "@/components/access/settings-gate";

export const metadata: Metadata = { title: "Audit" };

export default function Page() {
  return (
    <SettingsGate permission="audit:read">
      <AuditPage />
    </SettingsGate>
  );
}
