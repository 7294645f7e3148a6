import { notFound } from "@/server/kernel/errors";
import { chooseByWeight } from "../policy";
import { bucketOf, spreadBuckets } from "./assign-unit";
import type { Route, Variant } from "./routing-table";

/** What of a request decides who answers it. */
export interface Asked {
  /** The value of a request header; names in lower case. */
  header?: ((name: string) => string | undefined) | undefined;
  /** The unit id where the body names one; it goes before the header. */
  unit?: string | undefined;
  /** Only this version will do. */
  versionNumber?: number | undefined;
}

/** Buckets are spread once for a route; the table makes new routes when weights change. */
const spreads = new WeakMap<Route, Uint16Array>();

/** The id of the unit a request is about, if it names one. */
export const unitOf = (route: Route, asked: Asked): string | undefined =>
  asked.unit ?? (asked.header?.(route.unitHeader) || undefined);

/** Whether the caller chose the variant, so that the request says nothing of the split. */
export const isPinned = (route: Route, asked: Asked): boolean =>
  asked.versionNumber !== undefined ||
  (route.variants.length > 1 && overridden(route, asked) !== undefined);

/**
 * The asked version, else the variant of the first override whose header fits, else by unit where
 * the deployment wants that and the request names one, else by weight. `draw` is evenly spread over
 * [0, 1). Throws not_found.
 */
export function chooseVariant(route: Route, asked: Asked, draw: () => number): Variant {
  const { versionNumber } = asked;
  if (versionNumber !== undefined) {
    const pinned = route.variants.find((one) => one.versionNumber === versionNumber);
    if (pinned) return pinned;
    throw notFound("This version of the deployment");
  }
  const [only] = route.variants;
  if (only && route.variants.length === 1) return only;
  const variant =
    overridden(route, asked) ?? byUnit(route, asked) ?? chooseByWeight(route.variants, draw());
  if (!variant) throw notFound("This version of the deployment");
  return variant;
}

function overridden(route: Route, { header }: Asked): Variant | undefined {
  if (!header) return undefined;
  for (const rule of route.settings.routing.overrides) {
    if (header(rule.header.toLowerCase()) !== rule.value) continue;
    const named = route.variants.find(
      (one) => one.name === rule.variant || one.id === rule.variant,
    );
    if (named) return named;
  }
  return undefined;
}

function byUnit(route: Route, asked: Asked): Variant | undefined {
  if (route.settings.routing.assignment !== "unit") return undefined;
  const unit = unitOf(route, asked);
  if (unit === undefined) return undefined;
  let owners = spreads.get(route);
  if (!owners) {
    owners = spreadBuckets(route.variants);
    spreads.set(route, owners);
  }
  return route.variants[owners[bucketOf(route.deploymentId, unit)] ?? 0];
}
