import type { Actor } from "@/server/kernel/actor";
import type { Reviewers } from "../stages/schemas";
import type { ApprovalState, ReviewDecision } from "./constants";

/**
 * Who somebody is across sessions and keys: a key that acts for a person is that person, so nobody
 * approves with one what they asked for with the other.
 */
export function personKey(actor: Actor): string {
  if (actor.type === "user") return `user:${actor.userId}`;
  if (actor.type !== "apiKey") return "job";
  return actor.createdBy ? `user:${actor.createdBy}` : `key:${actor.keyId}`;
}

export interface ReviewerFacts {
  actor: Actor;
  requestedBy: string;
  /** Who made the version; null when nobody is known. */
  trainedBy: string | null;
  reviewers: Reviewers;
  /** Who has spoken already. */
  reviewed: readonly string[];
}

/** Why the actor may not review a request; null when they may. Pure. */
export function reviewRefusal(facts: ReviewerFacts): string | null {
  const { actor, reviewers } = facts;
  const who = personKey(actor);
  if (!who.startsWith("user:")) return "A person reviews: signed in, or with a key of their own.";
  if (who === facts.requestedBy) return "Nobody reviews their own request.";
  if (who === facts.trainedBy) return "Nobody reviews a version they made.";
  if (facts.reviewed.includes(who)) return "You reviewed this request already.";
  if (reviewers.roles.length === 0 && reviewers.people.length === 0) return null;
  const role = actor.type === "user" || actor.type === "apiKey" ? actor.role : "";
  if (reviewers.roles.includes(role)) return null;
  if (reviewers.people.some((id) => who === `user:${id}`)) return null;
  return "The stage names its reviewers, and you are not among them.";
}

export interface RequestFacts {
  needsApproval: boolean;
  requiredCount: number;
  decisions: readonly ReviewDecision[];
  conditions: readonly { metAt: string | null }[];
}

/**
 * Where a request stands by people's word alone; `ready` when only the gates are left. One
 * rejection rejects. Pure.
 */
export function standing(facts: RequestFacts): Exclude<ApprovalState, "approved"> | "ready" {
  if (facts.decisions.includes("reject")) return "rejected";
  const needed = facts.needsApproval ? facts.requiredCount : 0;
  if (facts.decisions.length < needed) return "pending";
  return facts.conditions.every(({ metAt }) => metAt !== null) ? "ready" : "conditional";
}
