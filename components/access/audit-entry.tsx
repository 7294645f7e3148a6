"use client";
import { Bot, ChevronRight, KeyRound, User, Workflow } from "lucide-react";
import { useState } from "react";
import { useWorkspace } from "@/components/shell/workspace";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/class-names";
import { TextLink } from "@/components/ui/text-link";
import { RelativeTime } from "@/components/ui/time";
import { AuditDiff } from "./audit-diff";
import { actionText, subjectName, subjectPage } from "./audit-words";

export interface Entry {
  seq: number;
  at: string;
  actor: Record<string, unknown>;
  action: string;
  subjectType: string;
  subjectId: string;
  before: unknown;
  after: unknown;
  requestId: string;
}

const ICONS: Record<string, typeof User> = { user: User, apiKey: KeyRound, job: Workflow };
const KINDS: Record<string, string> = { user: "Person", apiKey: "API key", job: "Job" };

const actorText = (actor: Record<string, unknown>): string =>
  typeof actor.name === "string" ? actor.name : "Modelyard";

/** One write in a line; opened, what it changed and where it came from. */
export function AuditEntry({ entry, onOnly }: { entry: Entry; onOnly: () => void }) {
  const [open, setOpen] = useState(false);
  const type = String(entry.actor.type);
  const Icon = ICONS[type] ?? Bot;
  const name = subjectName(entry);
  return (
    <li className="text-13">
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="grid min-h-10 w-full grid-cols-[auto_1fr] items-center gap-x-3 gap-y-0.5 px-4 py-1.5 text-left hover:bg-hover sm:grid-cols-[auto_minmax(0,14rem)_1fr_auto]"
      >
        <ChevronRight
          aria-hidden
          className={cn("size-3.5 text-fg-subtle transition-transform", open && "rotate-90")}
        />
        <span className="flex min-w-0 items-center gap-2">
          <Icon aria-hidden className="size-3.5 shrink-0 text-fg-subtle" />
          <span className="sr-only">{KINDS[type] ?? "System"}</span>
          <span className="truncate font-medium">{actorText(entry.actor)}</span>
        </span>
        <span className="col-start-2 min-w-0 truncate sm:col-start-auto">
          <span className="text-fg-muted">{actionText(entry.action)}</span>{" "}
          {name && <span className="font-medium">{name}</span>}
        </span>
        <span className="col-start-2 flex items-center gap-3 text-fg-subtle text-xs sm:col-start-auto">
          <span className="tabular-nums">#{entry.seq}</span>
          <RelativeTime at={entry.at} />
        </span>
      </button>
      {open && <Details entry={entry} onOnly={onOnly} />}
    </li>
  );
}

function Details({ entry, onOnly }: { entry: Entry; onOnly: () => void }) {
  const { path } = useWorkspace();
  const page = subjectPage(entry);
  const { address } = entry.actor;
  return (
    <div className="space-y-3 border-t bg-bg px-4 py-3">
      <AuditDiff before={entry.before} after={entry.after} />
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-fg-subtle text-xs">
        <span>{new Date(entry.at).toLocaleString()}</span>
        <code className="font-mono">{entry.action}</code>
        {typeof address === "string" && (
          <span>
            from <code className="select-all font-mono">{address}</code>
          </span>
        )}
        <span>
          {entry.subjectType.replaceAll("_", " ")}{" "}
          <code className="select-all break-all font-mono">{entry.subjectId}</code>
        </span>
        <span>
          request <code className="select-all break-all font-mono">{entry.requestId}</code>
        </span>
        <Button size="sm" variant="ghost" onClick={onOnly}>
          Only this {entry.subjectType.replaceAll("_", " ")}
        </Button>
        {page && <TextLink href={path(...page)}>Open it</TextLink>}
      </div>
    </div>
  );
}
