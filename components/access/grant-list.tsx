"use client";
import { useMutation } from "@tanstack/react-query";
import { KeyRound, LockOpen, User, Users, X } from "lucide-react";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { toastFailure } from "@/components/ui/failure";
import { humanize } from "@/components/ui/format";
import { offerUndo, withdrawUndo } from "@/components/ui/offer-undo";
import { TextLink } from "@/components/ui/text-link";
import { rolesWith } from "@/server/access/constants";
import { ACTION_WORDS, type Grant, type GrantGroup } from "./group-grants";
import { type GranteeType, useGrantees, useModelNames } from "./use-grantees";

const ICONS = { user: User, role: Users, api_key: KeyRound } as const;

/** Subjects, each with those who were named for it. */
export function GrantList({ label, groups }: { label: string; groups: GrantGroup[] }) {
  const names = useModelNames([
    ...new Set(groups.flatMap((group) => (group.modelId ? [group.modelId] : []))),
  ]);
  const { path } = useWorkspace();
  if (groups.length === 0) {
    return (
      <p className="px-4 py-3 text-13 text-fg-subtle">
        No grants: whoever’s role allows it may work on every model.
      </p>
    );
  }
  return (
    <ul aria-label={label} className="divide-y">
      {groups.map((group) => (
        <li
          key={group.key}
          className="flex flex-wrap items-center gap-x-6 gap-y-1.5 px-4 py-2.5 text-13"
        >
          <span className="w-full min-w-0 sm:w-64">
            {group.environment ? (
              <span className="font-medium">{humanize(group.environment)}</span>
            ) : (
              <span className="flex min-w-0 items-baseline gap-2">
                <span className="shrink-0">{humanize(wordOf(group.action))}</span>
                <span className="truncate">
                  <TextLink href={path("registry", group.modelId ?? "")}>
                    {names.get(group.modelId ?? "") ?? "a model"}
                  </TextLink>
                </span>
              </span>
            )}
          </span>
          {group.grants.length === 0 ? <Open /> : <Grantees grants={group.grants} />}
        </li>
      ))}
    </ul>
  );
}

const wordOf = (action: string): string =>
  ACTION_WORDS[action as keyof typeof ACTION_WORDS] ?? action;

const Open = () => (
  <span className="inline-flex min-w-0 flex-1 items-center gap-1.5 text-fg-subtle">
    <LockOpen aria-hidden className="size-3.5 shrink-0" />
    Open to everybody who deploys:{" "}
    {rolesWith("deployments:write")
      .map((role) => humanize(role).toLowerCase())
      .join(", ")}
  </span>
);

function Grantees({ grants }: { grants: Grant[] }) {
  const grantees = useGrantees();
  const editable = useWorkspace().can("members:write");
  return (
    <span className="flex min-w-0 flex-1 flex-wrap items-center gap-1.5">
      {grants.map((grant) => {
        const type = grant.granteeType as GranteeType;
        const Icon = ICONS[type];
        const name =
          grantees[type].find((one) => one.value === grant.grantee)?.label ??
          (type === "role" ? humanize(grant.grantee) : "somebody who left");
        return (
          <span
            key={grant.id}
            className="inline-flex min-h-7 min-w-0 items-center gap-1.5 rounded-md border bg-muted pl-2"
          >
            <Icon aria-hidden className="size-3.5 shrink-0 text-fg-subtle" />
            <span className="max-w-48 truncate">{name}</span>
            <span className="sr-only">({type.replace("_", " ")})</span>
            {editable ? <Withdraw grant={grant} name={name} /> : <span className="w-1" />}
          </span>
        );
      })}
      <span className="text-fg-subtle text-xs">and administrators</span>
    </span>
  );
}

/** Takes a grant back at once; the toast can undo it, so nothing is asked before. */
function Withdraw({ grant, name }: { grant: Grant; name: string }) {
  const trpc = useTRPC();
  const again = useMutation(trpc.access.createGrant.mutationOptions({ onError: toastFailure }));
  const undo = () => {
    const { id: _id, ...rest } = grant;
    const { modelId, environment, action, granteeType, grantee } = rest as typeof rest &
      Parameters<typeof again.mutate>[0];
    again.mutate({ modelId, environment, action, granteeType, grantee });
  };
  const remove = useMutation(
    trpc.access.deleteGrant.mutationOptions({
      onMutate: withdrawUndo,
      onError: toastFailure,
      onSuccess: () => offerUndo(`The grant for ${name} is withdrawn`, undo),
    }),
  );
  return (
    <button
      type="button"
      aria-label={`Withdraw ${grant.action} from ${name}`}
      disabled={remove.isPending}
      onClick={() => remove.mutate({ id: grant.id })}
      className="flex size-7 items-center justify-center rounded-r-md text-fg-subtle hover:bg-hover hover:text-fg"
    >
      <X aria-hidden className="size-3.5" />
    </button>
  );
}
