import type { Metadata } from "next";
import { ApiKeysPage } from "@/components/access/api-keys-page";
import { SettingsGate } from "@/components/access/settings-gate";

export const metadata: Metadata = { title: "API keys" };

export default function Page() {
  return (
    <SettingsGate permission="api_keys:read">
      <ApiKeysPage />
    </SettingsGate>
  );
}
