"use client";
import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "@/components/trpc/client";
import { humanize } from "@/components/ui/format";
import { NumberField } from "@/components/ui/number-field";
import { Checkbox } from "@/components/ui/toggles";
import { REVIEWERS_MAX } from "@/server/registry/stages/constants";
import type { Stage } from "./use-stages";

type Reviewers = Stage["reviewers"];

const toggled = (list: string[], one: string, on: boolean): string[] =>
  on ? [...list, one] : list.filter((other) => other !== one);

/** How many must approve, and who counts. */
export function ReviewerFields({
  reviewers,
  onChange,
}: {
  reviewers: Reviewers;
  onChange: (reviewers: Reviewers) => void;
}) {
  const trpc = useTRPC();
  const roles = useQuery(trpc.access.listRoles.queryOptions());
  const members = useQuery(trpc.access.listMembers.queryOptions());
  const able = (roles.data?.items ?? []).filter((role) =>
    role.permissions.includes("approvals:write"),
  );
  const people = (members.data?.items ?? []).filter((member) =>
    able.some((role) => role.name === member.role),
  );
  return (
    <div className="grid gap-4 sm:grid-cols-3">
      <NumberField
        label="Approvals needed"
        hint="Different people; nobody approves their own."
        value={reviewers.count}
        onChange={(count) => onChange({ ...reviewers, count: count ?? 1 })}
        min={1}
        max={REVIEWERS_MAX}
        step={1}
      />
      <Choices
        legend="Roles that count"
        items={able.map((role) => ({ value: role.name, label: humanize(role.name) }))}
        chosen={reviewers.roles}
        onToggle={(one, on) => onChange({ ...reviewers, roles: toggled(reviewers.roles, one, on) })}
      />
      <Choices
        legend="People who count as well"
        items={people.map((member) => ({ value: member.userId, label: member.name }))}
        chosen={reviewers.people}
        onToggle={(one, on) =>
          onChange({ ...reviewers, people: toggled(reviewers.people, one, on) })
        }
      />
      <p className="text-fg-subtle text-xs sm:col-span-3">
        With no role and no person chosen, anybody who may approve counts.
      </p>
    </div>
  );
}

const Choices = ({
  legend,
  items,
  chosen,
  onToggle,
}: {
  legend: string;
  items: { value: string; label: string }[];
  chosen: string[];
  onToggle: (one: string, on: boolean) => void;
}) => (
  <fieldset className="min-w-0">
    <legend className="mb-1.5 font-medium text-13">{legend}</legend>
    <ul className="max-h-40 space-y-0.5 overflow-y-auto">
      {items.map((item) => (
        <li key={item.value}>
          <Checkbox
            label={item.label}
            checked={chosen.includes(item.value)}
            onChange={(on) => onToggle(item.value, on)}
          />
        </li>
      ))}
    </ul>
  </fieldset>
);
