import type { Transaction } from "@/db/client";
import type { Context } from "@/server/kernel/context";
import type { VersionRow } from "../internal";
import { evaluateGates } from "./evaluate-gates";
import { loadGateFacts } from "./load-gate-facts";
import type { Gate, GateReport } from "./schemas";

/** What the rules say of a version at this moment, with the values they measured. */
export async function reportGates(
  tx: Transaction,
  ctx: Pick<Context, "workspaceId" | "now">,
  version: VersionRow,
  gates: readonly Gate[],
): Promise<GateReport> {
  const outcomes =
    gates.length === 0 ? [] : evaluateGates(gates, await loadGateFacts(tx, ctx, version, gates));
  return { at: ctx.now().toISOString(), outcomes };
}
