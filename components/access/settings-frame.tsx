"use client";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { useWorkspace } from "@/components/shell/workspace";
import { PageHeader } from "@/components/ui/page";
import { LinkTabs } from "@/components/ui/tabs";

/** Title and tabs around the pages of the settings. */
export function SettingsFrame({ children }: { children: ReactNode }) {
  const { path, name, can } = useWorkspace();
  const pathname = usePathname();
  const tab = (segment: string, label: string) => {
    const href = path("settings", segment);
    return { href, label, active: pathname === href };
  };
  return (
    <>
      <PageHeader title="Settings" description={`Who may do what in ${name}.`} />
      <LinkTabs
        label="Settings"
        tabs={[
          tab("members", "Members"),
          ...(can("api_keys:read") ? [tab("api-keys", "API keys")] : []),
          ...(can("members:read") ? [tab("roles", "Roles"), tab("grants", "Grants")] : []),
          ...(can("workspace:write")
            ? [tab("sign-in", "Sign-in"), tab("webhooks", "Webhooks")]
            : []),
          tab("workspace", "Workspace"),
          ...(can("audit:read") ? [tab("audit", "Audit")] : []),
        ]}
      />
      <div className="pt-5">{children}</div>
    </>
  );
}
