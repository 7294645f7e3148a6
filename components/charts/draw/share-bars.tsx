import { cn } from "@/components/ui/class-names";

export interface Share {
  label: string;
  /** 0 to 1 of the widest possible bar. */
  share: number;
  /** What stands beside the bar. */
  text: string;
  /** The one to look at. */
  strong?: boolean;
}

/** Lying bars with their names and values as text: probabilities, most frequent values. */
export const ShareBars = ({ shares, label }: { shares: Share[]; label: string }) => (
  <ul aria-label={label} className="space-y-1.5">
    {shares.map((item) => (
      <li key={item.label} className="text-13">
        <div className="flex items-baseline justify-between gap-3">
          <span className={cn("min-w-0 truncate", item.strong ? "font-medium" : "text-fg-muted")}>
            {item.label}
          </span>
          <span className="shrink-0 text-fg-muted text-xs tabular-nums">{item.text}</span>
        </div>
        <div aria-hidden className="mt-0.5 h-1.5 overflow-hidden rounded-full bg-line">
          <div
            className={cn("h-full rounded-full", item.strong ? "bg-accent" : "bg-idle-dot")}
            style={{ width: `${Math.max(0, Math.min(1, item.share)) * 100}%` }}
          />
        </div>
      </li>
    ))}
  </ul>
);
