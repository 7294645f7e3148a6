import { createHash, randomBytes } from "node:crypto";
import canonicalize from "canonicalize";
import { and, eq, inArray } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { auditPersonal } from "@/db/schema";
import type { Context } from "@/server/kernel/context";
import { newId } from "@/server/kernel/ids";

type Fields = Record<string, unknown>;

/** What an audit row keeps of personal data: where it lies, and a digest that its salt makes unguessable. */
interface PersonalRef {
  id: string;
  digest: string;
}

/** Fields of `before` and `after` whose text is one of the product's own words, and so stays in the chain. */
const PLAIN_FIELDS = new Set(
  `action algorithm color datatype environment events format framework granteeType kind method mlflowStage
   permissions role roles scopes stage state status task type`.split(/\s+/),
);

/** Ids, hashes, times and numbers tell nothing of a person. */
const PLAIN_TEXT =
  /^(|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32,128}|\d{4}-\d\d-\d\dT[\d:.]+Z|-?[\d.]+)$/i;

function isPlain(name: string, value: unknown): boolean {
  if (typeof value === "string") return PLAIN_FIELDS.has(name) || PLAIN_TEXT.test(value);
  if (Array.isArray(value)) return value.every((one) => isPlain(name, one));
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([key, one]) => isPlain(key, one));
}

const ERASED = "Erased person";

/** SHA-256 of salt and canonical JSON, lower-case hex. */
export const personalDigest = (salt: Buffer, data: unknown): string =>
  createHash("sha256")
    .update(salt)
    .update(canonicalize(data) ?? "")
    .digest("hex");

/** Notes personal data beside the chain; the same data of a subject is kept once. */
async function keep(
  tx: Transaction,
  ctx: Context,
  subject: { type: string; id: string },
  data: Fields,
): Promise<PersonalRef> {
  const [known] = await tx
    .select({ id: auditPersonal.id, salt: auditPersonal.salt })
    .from(auditPersonal)
    .where(
      and(
        eq(auditPersonal.workspaceId, ctx.workspaceId),
        eq(auditPersonal.subjectType, subject.type),
        eq(auditPersonal.subjectId, subject.id),
        eq(auditPersonal.data, data),
      ),
    )
    .limit(1);
  if (known) return { id: known.id, digest: personalDigest(known.salt, data) };
  const row = { id: newId(ctx.now().getTime()), salt: randomBytes(16) };
  await tx.insert(auditPersonal).values({
    ...row,
    workspaceId: ctx.workspaceId,
    subjectType: subject.type,
    subjectId: subject.id,
    data,
    createdAt: ctx.now(),
  });
  return { id: row.id, digest: personalDigest(row.salt, data) };
}

/** The actor as the chain keeps it: ids and role; the person's name and the address lie beside it. */
export async function withoutPersonalActor(tx: Transaction, ctx: Context): Promise<Fields> {
  const { actor, clientAddress } = ctx;
  const address = clientAddress ? { address: clientAddress } : {};
  if (actor.type === "user") {
    const { name, ...plain } = actor;
    const subject = { type: "user", id: actor.userId };
    return { ...plain, personal: await keep(tx, ctx, subject, { name, ...address }) };
  }
  if (actor.type !== "apiKey" || !clientAddress) return { ...actor };
  const subject = { type: "apiKey", id: actor.keyId };
  return { ...actor, personal: await keep(tx, ctx, subject, address) };
}

/**
 * `before` or `after` as the chain keeps it: whatever people wrote, names and texts alike, lies
 * beside it, for nobody knows what it says.
 */
export async function withoutPersonal(
  tx: Transaction,
  ctx: Context,
  subject: { type: string; id: string },
  value: unknown,
): Promise<unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value);
  const personal = entries.filter(([name, one]) => !isPlain(name, one));
  if (personal.length === 0) return value;
  const rest = Object.fromEntries(entries.filter((entry) => !personal.includes(entry)));
  const ref = await keep(tx, ctx, subject, Object.fromEntries(personal));
  return { ...rest, personal: ref };
}

const refOf = (value: unknown): PersonalRef | undefined => {
  const ref = (value as { personal?: Partial<PersonalRef> } | null)?.personal;
  return typeof ref?.id === "string" && typeof ref.digest === "string"
    ? { id: ref.id, digest: ref.digest }
    : undefined;
};

interface Parts {
  actor: unknown;
  before: unknown;
  after: unknown;
}

/** Every reference of a row. */
export const personalRefs = (row: Parts): PersonalRef[] =>
  [row.actor, row.before, row.after].map(refOf).filter((ref) => ref !== undefined);

/** The rows references point to, by id; erased ones are missing. */
export async function loadPersonal(
  tx: Transaction,
  workspaceId: string,
  rows: Parts[],
): Promise<Map<string, { data: Fields; salt: Buffer }>> {
  const ids = [...new Set(rows.flatMap(personalRefs).map((ref) => ref.id))];
  if (ids.length === 0) return new Map();
  const found = await tx
    .select({ id: auditPersonal.id, data: auditPersonal.data, salt: auditPersonal.salt })
    .from(auditPersonal)
    .where(and(eq(auditPersonal.workspaceId, workspaceId), inArray(auditPersonal.id, ids)));
  return new Map(found.map((one) => [one.id, { data: one.data as Fields, salt: one.salt }]));
}

/** The value with its personal data back in place, for a reader who may see it. */
export function withPersonal(value: unknown, known: Map<string, { data: Fields }>): unknown {
  const ref = refOf(value);
  if (!ref) return value;
  const { personal: _ref, ...rest } = value as Fields;
  const data = known.get(ref.id)?.data;
  if (data) return { ...rest, ...data };
  return { ...rest, ...("name" in rest ? {} : { name: ERASED }) };
}
