type Fields = Record<string, unknown>;

/** What the trail's row says, for people. */
export interface Told {
  action: string;
  before: unknown;
  after: unknown;
}

const fields = (value: unknown): Fields =>
  typeof value === "object" && value !== null ? (value as Fields) : {};
const text = (value: unknown): string =>
  value === null || value === undefined ? "–" : String(value);
const quote = (value: unknown): string => (value ? `: “${String(value).slice(0, 200)}”` : "");

type Say = (before: Fields, after: Fields) => string;

const SENTENCES: Readonly<Record<string, Say>> = {
  "version.registered": (_before, after) => `registered version ${text(after.number)}`,
  "version.updated": () => "changed the label or description",
  "version.labelled": (before, after) =>
    after.semanticVersion === null
      ? `took the semantic version ${text(before.semanticVersion)} off`
      : `gave it the semantic version ${text(after.semanticVersion)}`,
  "version.stage_changed": (before, after) =>
    `moved it from ${text(before.stage)} to ${text(after.stage)}${
      after.replacedBy ? ", because another version took its place" : ""
    }`,
  "version.signature_changed": (before, after) =>
    before.revision === null
      ? `said its signature${quote(after.note)}`
      : `changed its signature to revision ${text(after.revision)}${quote(after.note)}`,
  "version.converted": (_before, after) =>
    text(after.path).endsWith(".pt2")
      ? "made its PyTorch archive deployable"
      : "gave it an ONNX file",
  "conversion.requested": () => "asked for its conversion to ONNX",
  "conversion.succeeded": (_before, after) => `converted it to ONNX by ${text(after.method)}`,
  "conversion.failed": (_before, after) => `could not convert it to ONNX${quote(after.error)}`,
  "conversion.canceled": () => "canceled its conversion to ONNX",
  "version.deleted": () => "deleted the version",
  "approval.requested": (_before, after) =>
    `asked to move it to ${text(after.toStage)}${quote(after.comment)}`,
  "approval.reviewed": (_before, after) => {
    const words: Record<string, string> = {
      approve: "approved the request",
      reject: "rejected the request",
      conditional: "approved the request on conditions",
    };
    return `${words[text(after.decision)] ?? "reviewed the request"}${quote(after.comment)}`;
  },
  "approval.condition_met": () => "marked a condition as met",
  "approval.checked": (_before, after) => `looked at the request again: it is ${text(after.state)}`,
  "approval.approved": (_before, after) =>
    `the request to enter ${text(after.toStage)} was fulfilled`,
  "approval.rejected": (_before, after) =>
    `the request to enter ${text(after.toStage)} was rejected`,
  "approval.withdrawn": (_before, after) =>
    `took the request to enter ${text(after.toStage)} back${quote(after.closeReason)}`,
  "approval.expired": (_before, after) =>
    `the request to enter ${text(after.toStage)} expired${quote(after.closeReason)}`,
};

/** A row of the trail as a clause whose subject is who did it. Pure. */
export function describeEntry({ action, before, after }: Told): string {
  const say = Object.hasOwn(SENTENCES, action) ? SENTENCES[action] : undefined;
  return say ? say(fields(before), fields(after)) : action.replaceAll(/[._]/g, " ");
}
