import { AppError } from "@/server/kernel/errors";
import type { SignatureChange } from "./schemas";

export interface ChangeFacts {
  changes: readonly SignatureChange[];
  /** Names of what serves the version. */
  uses: readonly string[];
  /** The name of the version's stage where it asks for approval; null otherwise. */
  approvedStage: string | null;
  runsElsewhere: boolean;
  acceptBreaking: boolean;
}

/**
 * Whether a signature may be changed so. Throws conflict: where nodes would have to load the model
 * anew, where what was approved would change, and where callers would notice and nobody said that
 * this is meant. Pure.
 */
export function judgeChange(facts: ChangeFacts): void {
  const { changes, uses, approvedStage } = facts;
  const noticed = changes.filter(({ kind }) => kind !== "notes");
  if (noticed.length === 0) return;
  const told = noticed.slice(0, 5).map(({ sentence }) => sentence);
  if (noticed.length > 5) told.push(`${noticed.length - 5} more.`);
  const details = { changes: noticed, deployments: uses };
  const refuse = (message: string) => new AppError("conflict", message, details);
  const touchesTensors = noticed.some(({ kind }) => kind === "tensors");
  if (touchesTensors && facts.runsElsewhere) {
    throw refuse("The model runs elsewhere with these tensors: register its endpoint anew.");
  }
  if (approvedStage !== null) {
    throw refuse(
      `The version was approved for ${approvedStage} as it is: move it to another stage first, or register the file as a new version. ${told.join(" ")}`,
    );
  }
  if (uses.length === 0) return;
  const names = uses.join(", ");
  if (touchesTensors) {
    throw refuse(
      `${names} would have to load the model anew: deploy another version there first, or register the file as a new version and deploy that.`,
    );
  }
  if (facts.acceptBreaking) return;
  throw refuse(
    `Callers of ${names} would notice: ${told.join(" ")} Say with acceptBreaking that this is meant; running deployments follow at once.`,
  );
}
