import type { Metadata } from "next";
import { RolesPage } from "@/components/access/roles-page";
import { SettingsGate } from "@/components/access/settings-gate";

export const metadata: Metadata = { title: "Roles" };

export default function Page() {
  return (
    <SettingsGate permission="members:read">
      <RolesPage />
    </SettingsGate>
  );
}
