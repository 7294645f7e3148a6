import { setPriority } from "node:os";
import { ProtocolError } from "@/server/protocols/open-inference/codec";
import { checkModel } from "./check-model";
import type { CheckedModel, SignatureHints } from "./schemas";
import { UnfitModel } from "./unfit-model";

/** What the process answers, once, before it ends. */
export type CheckAnswer =
  | { kind: "fit"; model: CheckedModel }
  | { kind: "unfit"; reason: string }
  | { kind: "broken"; reason: string };

async function answerTo(hints: SignatureHints): Promise<CheckAnswer> {
  try {
    const pieces: Buffer[] = [];
    for await (const piece of process.stdin) pieces.push(piece as Buffer);
    return { kind: "fit", model: await checkModel(Buffer.concat(pieces), hints) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const isTheirs = error instanceof UnfitModel || error instanceof ProtocolError;
    return { kind: isTheirs ? "unfit" : "broken", reason };
  }
}

// Pages and predictions go first on a busy machine.
setPriority(10);
process.once("disconnect", () => process.exit(1));
process.once("message", async (hints: SignatureHints) => {
  const answer = await answerTo(hints);
  process.send?.(answer, undefined, undefined, () => process.exit(0));
});
