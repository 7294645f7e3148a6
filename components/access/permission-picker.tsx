import { Checkbox } from "@/components/ui/toggles";
import type { Permission } from "@/server/access/constants";
import { PERMISSION_GROUPS, permissionWords } from "./permission-groups";

/** Permissions by area, to be chosen one by one; those out of reach are shown but cannot be. */
export function PermissionPicker({
  legend,
  chosen,
  onChange,
  available,
}: {
  legend: string;
  chosen: ReadonlySet<Permission>;
  onChange: (chosen: ReadonlySet<Permission>) => void;
  available: (permission: Permission) => boolean;
}) {
  const toggle = (permission: Permission, on: boolean) => {
    const next = new Set(chosen);
    if (on) next.add(permission);
    else next.delete(permission);
    onChange(next);
  };
  return (
    <fieldset>
      <legend className="mb-2 font-medium text-13">{legend}</legend>
      <div className="grid gap-x-6 gap-y-3 sm:grid-cols-2">
        {PERMISSION_GROUPS.map((group) => (
          <fieldset key={group.label}>
            <legend className="mb-1 text-fg-subtle text-xs">{group.label}</legend>
            <ul className="space-y-0.5">
              {group.permissions.map((permission) => (
                <li key={permission}>
                  <Checkbox
                    label={permissionWords(permission)}
                    checked={chosen.has(permission)}
                    disabled={!available(permission)}
                    onChange={(on) => toggle(permission, on)}
                  />
                </li>
              ))}
            </ul>
          </fieldset>
        ))}
      </div>
    </fieldset>
  );
}
