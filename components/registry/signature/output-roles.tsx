"use client";
import { useState } from "react";
import type { Outputs } from "@/components/trpc/outputs";
import { Button } from "@/components/ui/button";
import { SelectField } from "@/components/ui/select";

type Proposal = Outputs["registry"]["proposeSignature"];
type Roles = NonNullable<Proposal["outputs"]>;
type Role = keyof Roles | "none";

const ROLES: { value: Role; label: string; detail?: string }[] = [
  { value: "none", label: "Nothing we read" },
  { value: "prediction", label: "The prediction", detail: "one number a row" },
  { value: "label", label: "The label", detail: "the number of the class" },
  { value: "probabilities", label: "Probabilities", detail: "one a class" },
  { value: "logits", label: "Scores", detail: "one a class, before the softmax" },
];

/** Which output of a file is what, for files that do not say it. */
export function OutputRoles({
  graph,
  start,
  pending,
  onPropose,
}: {
  graph: Proposal["graph"];
  start: Proposal["outputs"];
  pending: boolean;
  onPropose: (outputs: Roles) => void;
}) {
  const [roles, setRoles] = useState<ReadonlyMap<string, Role>>(
    () => new Map(Object.entries(start ?? {}).map(([role, name]) => [name, role as Role])),
  );
  const roleOf = (name: string): Role => roles.get(name) ?? "none";
  const chosen = graph.outputs.flatMap(({ name }) => {
    const role = roleOf(name);
    return role === "none" ? [] : [[role, name] as const];
  });
  const isTwice = new Set(chosen.map(([role]) => role)).size < chosen.length;
  return (
    <form
      className="space-y-3 border-t pt-3"
      onSubmit={(event) => {
        event.preventDefault();
        onPropose(Object.fromEntries(chosen));
      }}
    >
      <div className="grid gap-3 sm:grid-cols-2">
        {graph.outputs.map(({ name }) => (
          <SelectField
            key={name}
            label={`${name} is`}
            value={roleOf(name)}
            onChange={(role) => setRoles((now) => new Map(now).set(name, role))}
            options={ROLES}
          />
        ))}
      </div>
      {isTwice && <p className="text-danger text-xs">Two outputs cannot be the same.</p>}
      <Button type="submit" size="sm" loading={pending} disabled={chosen.length === 0 || isTwice}>
        Propose again
      </Button>
    </form>
  );
}
