import {
  Ban,
  CircleCheck,
  CircleDashed,
  CircleX,
  History,
  LoaderCircle,
  type LucideIcon,
  PauseCircle,
  TriangleAlert,
} from "lucide-react";
import { cn } from "./class-names";
import { humanize } from "./format";

type Tone = "positive" | "active" | "warning" | "danger" | "idle";

const LOOKS: Record<Tone, string> = {
  positive: "bg-positive-soft text-positive",
  active: "bg-accent-soft text-accent-text",
  warning: "bg-warning-soft text-warning",
  danger: "bg-danger-soft text-danger",
  idle: "bg-muted text-fg-muted",
};

/** Every status word of the product, with a tone and an icon: never color alone. */
const STATUSES: Record<string, { tone: Tone; icon: LucideIcon; spin?: boolean }> = {
  queued: { tone: "idle", icon: CircleDashed },
  pending: { tone: "idle", icon: CircleDashed },
  scheduled: { tone: "idle", icon: CircleDashed },
  running: { tone: "active", icon: LoaderCircle, spin: true },
  deploying: { tone: "active", icon: LoaderCircle, spin: true },
  loading: { tone: "active", icon: LoaderCircle, spin: true },
  preparing: { tone: "active", icon: LoaderCircle, spin: true },
  completed: { tone: "positive", icon: CircleCheck },
  finished: { tone: "positive", icon: CircleCheck },
  active: { tone: "positive", icon: CircleCheck },
  activated: { tone: "positive", icon: CircleCheck },
  healthy: { tone: "positive", icon: CircleCheck },
  ready: { tone: "positive", icon: CircleCheck },
  ok: { tone: "positive", icon: CircleCheck },
  degraded: { tone: "warning", icon: TriangleAlert },
  failed: { tone: "danger", icon: CircleX },
  unhealthy: { tone: "danger", icon: CircleX },
  approved: { tone: "positive", icon: CircleCheck },
  conditional: { tone: "warning", icon: TriangleAlert },
  rejected: { tone: "danger", icon: CircleX },
  withdrawn: { tone: "idle", icon: Ban },
  expired: { tone: "idle", icon: PauseCircle },
  cancelled: { tone: "idle", icon: Ban },
  killed: { tone: "idle", icon: Ban },
  inactive: { tone: "idle", icon: PauseCircle },
  idle: { tone: "idle", icon: PauseCircle },
  retired: { tone: "idle", icon: PauseCircle },
  progressing: { tone: "active", icon: LoaderCircle, spin: true },
  paused: { tone: "warning", icon: PauseCircle },
  awaiting_promotion: { tone: "warning", icon: PauseCircle },
  promoted: { tone: "positive", icon: CircleCheck },
  aborted: { tone: "idle", icon: Ban },
  superseded: { tone: "idle", icon: History },
  rolled_back: { tone: "warning", icon: History },
};

/** A status as icon, word and tone. Unknown words are shown plainly. */
export function Status({ status, label }: { status: string; label?: string }) {
  const look = STATUSES[status.toLowerCase()] ?? { tone: "idle" as const, icon: CircleDashed };
  const Icon = look.icon;
  return (
    <span
      className={cn(
        "inline-flex h-5.5 items-center gap-1 whitespace-nowrap rounded-full px-2 font-medium text-xs",
        LOOKS[look.tone],
      )}
    >
      <Icon aria-hidden className={cn("size-3", look.spin && "animate-spin")} />
      {label ?? humanize(status.toLowerCase())}
    </span>
  );
}

/** A small neutral or toned label. */
export function Badge({
  children,
  tone = "idle",
  mono,
}: {
  children: React.ReactNode;
  tone?: Tone;
  mono?: boolean;
}) {
  return (
    <span
      className={cn(
        "inline-flex h-5 items-center gap-1 whitespace-nowrap rounded px-1.5 font-medium text-2xs",
        LOOKS[tone],
        mono && "font-mono",
      )}
    >
      {children}
    </span>
  );
}
