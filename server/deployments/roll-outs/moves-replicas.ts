import type { Context } from "@/server/kernel/context";
import type { VariantRow } from "../internal";
import type { RollOutRow } from "./internal";

type Moved = Pick<RollOutRow, "strategy" | "candidateId">;

/**
 * Whether a roll-out changes the replicas of both sides with their traffic: a rolling one, where
 * something here starts and ends nodes. One that began so goes on so in every process.
 */
export const movesReplicas = (
  ctx: Pick<Context, "ports">,
  rollOut: Moved,
  variants: readonly VariantRow[],
): boolean =>
  rollOut.strategy === "rolling" &&
  (ctx.ports.ownsReplicas === true || candidateShare(rollOut, variants) !== null);

/** Percent of the replicas the candidate was given; null while it has all of them. */
export const candidateShare = (
  { candidateId }: Pick<Moved, "candidateId">,
  variants: readonly VariantRow[],
): number | null => variants.find((one) => one.id === candidateId)?.replicaShare ?? null;
