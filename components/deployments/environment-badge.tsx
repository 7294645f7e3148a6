import { humanize } from "@/components/ui/format";
import { Badge } from "@/components/ui/status";

/** Production stands out; the word says it, not the color alone. */
export const EnvironmentBadge = ({ environment }: { environment: string }) => (
  <Badge tone={environment === "production" ? "active" : "idle"}>{humanize(environment)}</Badge>
);
