import type { Database } from "@/db/client";
import type { Ports } from "@/server/kernel/ports";
import type {
  CompiledSignature,
  Predictions,
  Signature,
} from "@/server/protocols/open-inference/codec";
import { backgroundRows } from "./background";
import { type Explained, explainRows, type FeatureImportance } from "./explain-rows";
import { readReferenceProfile } from "./reference-profile";

/** Versions whose background is kept. */
const KEPT = 200;

/** A version as the gateway holds it. */
interface ExplainedVersion {
  workspaceId: string;
  versionId: string;
  signature: Signature;
  codec: CompiledSignature;
}

type Background = Pick<Explained, "background" | "backgroundFrom">;

/** Explains predictions; versions never change, so what is typical for one is read once. */
export class Explainer {
  private readonly kept = new Map<string, Promise<Background>>();

  constructor(private readonly options: { db: Database; ports: Ports }) {}

  /** One importance a row. Throws AppError as explainRows does, and what `run` throws. */
  async explain(
    version: ExplainedVersion,
    rows: readonly unknown[],
    outputs: Predictions,
    run: Explained["run"],
  ): Promise<FeatureImportance[]> {
    const { signature, codec } = version;
    const background = await this.backgroundOf(version);
    return explainRows({ signature, codec, run, ...background }, rows, outputs);
  }

  private backgroundOf(version: ExplainedVersion): Promise<Background> {
    const { versionId } = version;
    const known = this.kept.get(versionId);
    if (known) return known;
    const made = this.makeBackground(version);
    this.kept.set(versionId, made);
    made.catch(() => this.kept.delete(versionId));
    const [oldest] = this.kept.keys();
    if (this.kept.size > KEPT && oldest !== undefined) this.kept.delete(oldest);
    return made;
  }

  private async makeBackground(version: ExplainedVersion): Promise<Background> {
    const { signature, codec } = version;
    const profile = await readReferenceProfile(this.options, version);
    if (profile) {
      const background = backgroundRows(signature, profile);
      if (!("issues" in codec.encode(background))) return { background, backgroundFrom: "profile" };
    }
    return { background: backgroundRows(signature, null), backgroundFrom: "signature" };
  }
}
