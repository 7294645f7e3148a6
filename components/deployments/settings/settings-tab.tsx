"use client";
import { useQuery } from "@tanstack/react-query";
import { useWorkspace, WhomToAsk } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { QueryView, TableSkeleton } from "@/components/ui/states";
import { Switch } from "@/components/ui/toggles";
import type { SettingsDto } from "@/server/deployments/settings/schemas";
import { OverrideSection } from "./override-section";
import { SCALING } from "./scaling-fields";
import { BATCHING, CACHE, LOGGING, PLACEMENT, ROUTING } from "./setting-fields";
import { SettingsSection } from "./settings-section";
import { type SaveSettings, useSaveSettings } from "./use-save-settings";

/** How the endpoint routes, keeps, batches and logs, on which and how many nodes. Changes take effect at once. */
export function SettingsTab({ deployment }: { deployment: string }) {
  const trpc = useTRPC();
  const { can } = useWorkspace();
  const query = useQuery(trpc.deployments.settings.queryOptions({ deployment }));
  const save = useSaveSettings(deployment);
  const disabled = !can("deployments:write");
  return (
    <QueryView query={query} skeleton={<TableSkeleton rows={8} />}>
      {({ settings, variants }) => {
        const common = { save, disabled };
        return (
          <div className="space-y-4">
            {disabled && <WhomToAsk permission="deployments:write" />}
            <SettingsSection
              {...common}
              title="Routing"
              description="Which variant and which replica answers, how long that may take, and how much is too much."
              fields={ROUTING}
              value={settings.routing}
              place={["routing"]}
            />
            <OverrideSection {...{ ...common, variants }} stored={settings.routing.overrides} />
            <SettingsSection
              {...common}
              title="Cache"
              description="For models whose equal questions come again. Answers of another version are never mixed up."
              fields={CACHE}
              value={settings.routing}
              place={["routing"]}
            />
            <SettingsSection
              {...common}
              title="Batching"
              description="How nodes put requests together into one call of the model."
              fields={BATCHING}
              value={settings.batching}
              place={["batching"]}
            />
            {variants.map((variant) => (
              <VariantBatching key={variant.id} {...{ ...common, variant, settings }} />
            ))}
            <SettingsSection
              {...common}
              title="Logging"
              description="What the prediction log keeps of each request."
              fields={LOGGING}
              value={settings.logging}
              place={["logging"]}
            />
            <SettingsSection
              {...common}
              title="Placement"
              description="Which nodes may hold the versions of this deployment."
              fields={PLACEMENT}
              value={settings.placement}
              place={["placement"]}
            />
            <SettingsSection
              {...common}
              title="Scaling"
              description="How many nodes hold the versions of this deployment."
              fields={SCALING}
              value={settings.scaling}
              place={["scaling"]}
            />
          </div>
        );
      }}
    </QueryView>
  );
}

function VariantBatching({
  variant,
  settings,
  save,
  disabled,
}: {
  variant: SettingsDto["variants"][number];
  settings: SettingsDto["settings"];
  save: SaveSettings;
  disabled: boolean;
}) {
  const { id, name, versionNumber, batching } = variant;
  const own = (isOwn: boolean) =>
    void save(["variants", id, "batching"], isOwn ? settings.batching : null);
  return (
    <SettingsSection
      key={String(batching === null)}
      title={`Batching of ${name}`}
      description={
        batching
          ? `Version ${versionNumber} has a queue of its own making.`
          : `Version ${versionNumber} batches like the deployment.`
      }
      fields={batching ? BATCHING : []}
      value={batching}
      place={["variants", id, "batching"]}
      save={save}
      disabled={disabled}
      actions={!disabled && <Switch checked={batching !== null} onChange={own} label="Differs" />}
    />
  );
}
