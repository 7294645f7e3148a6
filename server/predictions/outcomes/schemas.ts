import { z } from "zod";
import { ROWS_MAX } from "../constants";

/** Outcomes of one call. */
export const OUTCOMES_MAX = 10_000;

const value = z.union([z.string().max(1_000), z.number(), z.boolean(), z.null()]);
/** A value, or an object that names what it is a value of, as a row of features does. */
const named = z
  .record(z.string().min(1).max(200), value)
  .refine((label) => Object.keys(label).length === 1, "must name one label");
const one = z.union([value, named]);

const outcome = z
  .union([one, z.array(one).min(1).max(ROWS_MAX)])
  .describe(
    'What really came: 1, "yes" or { "label": "yes" }; a list for requests of several rows.',
  );

const at = z.iso.datetime({ offset: true }).describe("When it happened; now if absent.");

export const requestParams = z.object({ requestId: z.uuid() });
export const outcomeBody = z.strictObject({ outcome, at: at.optional() });
export const recordOutcomeInput = outcomeBody.extend(requestParams.shape);
export const outcomesBody = z.strictObject({
  outcomes: z.array(recordOutcomeInput).min(1).max(OUTCOMES_MAX),
});

/** Outcomes stored; one request told of twice in a call counts once. */
export const outcomesReply = z.object({ recorded: z.int() });
