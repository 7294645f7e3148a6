import { setPriority } from "node:os";
import { ProtocolError } from "@/server/protocols/open-inference/codec";
import { checkModel } from "./check-model";
import { proposeModel } from "./propose-model";
import type { CheckedModel, SignatureHints, SignatureProposal } from "./schemas";
import { UnfitModel } from "./unfit-model";

/** What the process is asked, once. */
export interface CheckRequest {
  proposes: boolean;
  hints: SignatureHints;
}

/** What the process answers, once, before it ends. */
export type CheckAnswer =
  | { kind: "fit"; model: CheckedModel | SignatureProposal }
  | { kind: "unfit"; reason: string }
  | { kind: "broken"; reason: string };

async function answerTo({ hints, proposes }: CheckRequest): Promise<CheckAnswer> {
  try {
    const pieces: Buffer[] = [];
    for await (const piece of process.stdin) pieces.push(piece as Buffer);
    const bytes = Buffer.concat(pieces);
    const model = proposes ? await proposeModel(bytes, hints) : await checkModel(bytes, hints);
    return { kind: "fit", model };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const isTheirs = error instanceof UnfitModel || error instanceof ProtocolError;
    return { kind: isTheirs ? "unfit" : "broken", reason };
  }
}

// Pages and predictions go first on a busy machine.
setPriority(10);
process.once("disconnect", () => process.exit(1));
process.once("message", async (request: CheckRequest) => {
  const answer = await answerTo(request);
  process.send?.(answer, undefined, undefined, () => process.exit(0));
});
