import { Status } from "@/components/ui/status";
import type { NodeState as State } from "@/server/deployments/nodes/constants";

const LOOKS = {
  ready: { status: "ready", label: "Ready" },
  draining: { status: "progressing", label: "Draining" },
  drained: { status: "paused", label: "Drained" },
  away: { status: "failed", label: "Away" },
} satisfies Record<State, { status: string; label: string }>;

export const NodeState = ({ state }: { state: State }) => <Status {...LOOKS[state]} />;
