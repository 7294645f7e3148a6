import type { Metadata } from "next";
import { ProvidersPage } from "@/components/access/providers-page";
import { SettingsGate } from "@/components/access/settings-gate";

export const metadata: Metadata = { title: "Sign-in" };

export default function Page() {
  return (
    <SettingsGate permission="workspace:write">
      <ProvidersPage />
    </SettingsGate>
  );
}
