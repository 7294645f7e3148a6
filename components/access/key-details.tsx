"use client";
import { useWorkspace } from "@/components/shell/workspace";
import { Button } from "@/components/ui/button";
import { Facts } from "@/components/ui/card";
import { Dialog } from "@/components/ui/dialog";
import { humanize } from "@/components/ui/format";
import { TextLink } from "@/components/ui/text-link";
import { RelativeTime, useNow } from "@/components/ui/time";
import { ScopeList } from "./key-form";
import { scopesText } from "./key-presets";
import { type ApiKey, isLive, isRotatable, KeyState } from "./key-state";
import { RevokeKeyButton } from "./revoke-key-button";
import { RotateKeyButton } from "./rotate-key-button";
import { useRoles } from "./use-role-options";

const at = (instant: string | null, otherwise: string) =>
  instant ? (
    <span title={new Date(instant).toLocaleString()}>
      {new Date(instant).toLocaleDateString(undefined, { dateStyle: "medium" })} (
      <RelativeTime at={instant} />)
    </span>
  ) : (
    otherwise
  );

/** What one key may do, until when, and who used it last. */
export function KeyDetails({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const { can, path } = useWorkspace();
  const now = useNow(10_000);
  const role = useRoles().find((one) => one.name === apiKey.role);
  const editable = can("api_keys:write") && isLive(apiKey, now);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={apiKey.name}
      description={<code className="font-mono text-xs">{apiKey.prefix}…</code>}
      footer={
        <>
          {editable && isRotatable(apiKey) && <RotateKeyButton id={apiKey.id} name={apiKey.name} />}
          {editable && <RevokeKeyButton id={apiKey.id} name={apiKey.name} />}
          <Button onClick={onClose}>Close</Button>
        </>
      }
    >
      <Facts
        items={[
          { name: "State", value: <KeyState apiKey={apiKey} /> },
          { name: "Role", value: humanize(apiKey.role) },
          { name: "Scopes", value: scopesText(apiKey.scopes) },
          { name: "Created", value: at(apiKey.createdAt, "–") },
          { name: "Last used", value: at(apiKey.lastUsedAt, "never") },
          { name: "Expires", value: at(apiKey.expiresAt, "never") },
          ...(apiKey.revokedAt ? [{ name: "Revoked", value: at(apiKey.revokedAt, "") }] : []),
          ...oldSecret(apiKey, now),
        ]}
      />
      <div className="mt-4">
        <ScopeList scopes={apiKey.scopes ?? role?.permissions ?? []} />
      </div>
      {can("audit:read") && (
        <p className="mt-4 text-13">
          <TextLink href={`${path("settings", "audit")}?subject=api_key&id=${apiKey.id}`}>
            What happened to this key
          </TextLink>
          {" · "}
          <TextLink href={`${path("settings", "audit")}?actor=${apiKey.id}`}>What it did</TextLink>
        </p>
      )}
    </Dialog>
  );
}

function oldSecret({ previousValidUntil }: ApiKey, now: number) {
  if (!previousValidUntil || new Date(previousValidUntil).getTime() <= now) return [];
  const until = new Date(previousValidUntil).toLocaleString(undefined, {
    dateStyle: "medium",
    timeStyle: "short",
  });
  return [{ name: "Old secret", value: `works until ${until}` }];
}
