import type { Metadata } from "next";
import { SettingsGate } from "@/components/access/settings-gate";
import { WebhooksPage } from "@/components/webhooks/webhooks-page";

export const metadata: Metadata = { title: "Webhooks" };

export default function Page() {
  return (
    <SettingsGate permission="workspace:write">
      <WebhooksPage />
    </SettingsGate>
  );
}
