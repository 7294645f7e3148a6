import type { Metadata } from "next";
import { GrantsPage } from "@/components/access/grants-page";
import { SettingsGate } from "@/components/access/settings-gate";

export const metadata: Metadata = { title: "Grants" };

export default function Page() {
  return (
    <SettingsGate permission="members:read">
      <GrantsPage />
    </SettingsGate>
  );
}
