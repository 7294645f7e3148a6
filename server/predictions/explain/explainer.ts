import { randomUUID } from "node:crypto";
import type { Database } from "@/db/client";
import type { Context } from "@/server/kernel/context";
import type { Ports } from "@/server/kernel/ports";
import type {
  CompiledSignature,
  Predictions,
  Signature,
} from "@/server/protocols/open-inference/codec";
import type { Band } from "../confidence/conformal-band";
import { readBand } from "../confidence/read-band";
import { backgroundRows } from "./background";
import { type Explained, explainRows, type FeatureImportance } from "./explain-rows";
import { readModel } from "./readable-model";
import { readReferenceProfile } from "./reference-profile";

/** Versions whose background and graph are kept. */
const KEPT = 200;
/** Bytes of the files whose graphs are kept; in memory they are about twice as large. */
const KEPT_BYTES = 128 * 1024 * 1024;
/** Rows that stand for a typical input: for what asks the model, and for what reads its graph. */
const ASKED_ROWS = 16;
const READ_ROWS = 64;

/** A version as the gateway holds it. */
interface ExplainedVersion {
  workspaceId: string;
  versionId: string;
  signature: Signature;
  codec: CompiledSignature;
  /** Its ONNX file; the digest is empty where it runs elsewhere. */
  file: { sha256: string; sizeBytes: number };
}

type Facts = Pick<Explained, "background" | "backgroundFrom" | "graph">;
interface Kept {
  /** What the facts were read for; another one is of another revision. */
  signature: Signature;
  facts: Promise<Facts>;
  bytes: number;
}

/** Explains predictions; what is known of a version is read once for each revision of its signature. */
export class Explainer {
  private readonly kept = new Map<string, Kept>();
  private readonly bands = new Map<string, Promise<Band | null>>();

  constructor(private readonly options: { db: Database; ports: Ports }) {}

  /** One importance a row. Throws AppError as explainRows does, and what `run` throws. */
  async explain(
    version: ExplainedVersion,
    rows: readonly unknown[],
    outputs: Predictions,
    run: Explained["run"],
  ): Promise<FeatureImportance[]> {
    const { signature, codec } = version;
    const facts = await this.factsOf(version);
    return explainRows({ signature, codec, run, ...facts }, rows, outputs);
  }

  /** The interval of a version's predictions; null where nothing says it. Read once. */
  bandOf({ workspaceId, versionId }: Pick<ExplainedVersion, "workspaceId" | "versionId">) {
    const known = this.bands.get(versionId);
    if (known) return known;
    const made = readBand(this.contextOf(workspaceId), versionId);
    this.bands.set(versionId, made);
    made.catch(() => this.bands.delete(versionId));
    const [oldest] = this.bands.keys();
    if (this.bands.size > KEPT && oldest !== undefined) this.bands.delete(oldest);
    return made;
  }

  private contextOf(workspaceId: string): Context {
    return {
      workspaceId,
      actor: { type: "job", name: "explain" },
      requestId: randomUUID(),
      now: () => new Date(),
      ...this.options,
    };
  }

  private factsOf(version: ExplainedVersion): Promise<Facts> {
    const { versionId, file, signature } = version;
    const kept = this.kept.get(versionId);
    const known = kept?.signature === signature ? kept : undefined;
    this.kept.delete(versionId);
    const made = known ?? { signature, facts: this.readFacts(version), bytes: file.sizeBytes };
    // The one used last stands last.
    this.kept.set(versionId, made);
    made.facts.catch(() => this.kept.delete(versionId));
    let bytes = [...this.kept.values()].reduce((sum, one) => sum + one.bytes, 0);
    for (const [id, one] of this.kept) {
      if (id === versionId || (this.kept.size <= KEPT && bytes <= KEPT_BYTES)) break;
      this.kept.delete(id);
      bytes -= one.bytes;
    }
    return made.facts;
  }

  private async readFacts(version: ExplainedVersion): Promise<Facts> {
    const { signature, codec, workspaceId, file } = version;
    const ctx = this.contextOf(workspaceId);
    const [profile, graph] = await Promise.all([
      readReferenceProfile(ctx, version.versionId),
      readModel(ctx, file),
    ]);
    const background = (from: typeof profile) => ({
      asked: backgroundRows(signature, from, ASKED_ROWS),
      read: backgroundRows(signature, from, READ_ROWS),
    });
    if (profile) {
      const made = background(profile);
      if (!("issues" in codec.encode(made.read))) {
        return { background: made, backgroundFrom: "profile", graph };
      }
    }
    return { background: background(null), backgroundFrom: "signature", graph };
  }
}
