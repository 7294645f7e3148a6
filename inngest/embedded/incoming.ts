import { z } from "zod";
import { createId, idFromSeed } from "./ids";
import { isStorableText } from "./json";
import { LIMITS } from "./limits";
import type { EventPayload, StoredEvent } from "./types";

/** The event breaks a rule; the message is for its sender. */
export class InvalidEventError extends Error {
  override name = "InvalidEventError";
}

const printable = z
  .string()
  .min(1)
  .max(1024)
  .refine(isStorableText, "holds characters that cannot be stored");

const eventSchema = z.object({
  name: printable,
  id: printable.nullish(),
  ts: z.number().int().nonnegative().nullish(),
  data: z.record(z.string(), z.unknown()).nullish(),
  user: z.unknown().optional(),
  v: z.unknown().optional(),
  meta: z.unknown().optional(),
});

/**
 * Checks what a sender posted: one event or a list.
 * `seed` is the SDK's `x-inngest-event-id-seed`; a repeated send then gets the same ids.
 * @throws InvalidEventError
 */
export function readEvents(body: unknown, seed: string | null): StoredEvent[] {
  const list: unknown[] = Array.isArray(body) ? body : [body];
  if (list.length > LIMITS.eventsPerSendMax) {
    throw new InvalidEventError(`more than ${LIMITS.eventsPerSendMax} events in one request`);
  }
  return list.map((raw, index) => readEvent(raw, internalId(seed, index)));
}

function internalId(seed: string | null, index: number): string {
  const [, time, entropy] = /^(\d{1,14}),(.+)$/.exec(seed ?? "") ?? [];
  return time && entropy ? idFromSeed(Number(time), entropy, index) : createId();
}

function readEvent(raw: unknown, id: string): StoredEvent {
  const parsed = eventSchema.safeParse(raw);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new InvalidEventError(`event ${issue?.path.join(".") ?? ""}: ${issue?.message}`);
  }
  const { name, data, ts, user, v, meta } = parsed.data;
  const payload: EventPayload = {
    id: parsed.data.id || id,
    name,
    ts: ts || Date.now(),
    data: data ?? {},
    ...(user === undefined ? {} : { user }),
    ...(v === undefined ? {} : { v }),
    ...(meta === undefined ? {} : { meta }),
  };
  if (payload.ts > Date.now() + LIMITS.waitMsMax) {
    throw new InvalidEventError(`event "${name}" lies more than a year ahead`);
  }
  if (Buffer.byteLength(JSON.stringify(payload)) > LIMITS.eventBytesMax) {
    throw new InvalidEventError(`event "${name}" is larger than ${LIMITS.eventBytesMax} bytes`);
  }
  return { internalId: id, payload, ownId: Boolean(parsed.data.id) };
}

/** An event the engine itself emits. */
export function internalEvent(
  name: string,
  data: Record<string, unknown>,
  id = createId(),
): StoredEvent {
  const internalId = createId();
  return { internalId, payload: { id, name, ts: Date.now(), data }, ownId: false };
}
