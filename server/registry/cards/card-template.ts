import type { ModelDto, VersionDto } from "../schemas";

/** Features and metrics a card lists; the version page has the rest. */
const LISTED_MAX = 40;

/**
 * A model card to start from, made of what the version knows and nothing else; headings follow
 * Mitchell et al., Model Cards for Model Reporting, 2019. Questions only people can answer are asked.
 */
export function cardTemplate(
  model: Pick<ModelDto, "name" | "description" | "type" | "framework">,
  version: VersionDto,
): string {
  const lines = [
    `# ${inline(model.name)}`,
    "",
    model.description ? inline(model.description) : `A ${model.type} model.`,
    "",
    "## Model details",
    "",
    `- Version: ${version.number}${version.semanticVersion ? ` (${version.semanticVersion})` : ""}`,
    `- Framework: ${model.framework}`,
    `- Algorithm: ${version.algorithm ? inline(version.algorithm) : "not known"}`,
    `- Made: ${version.createdAt.slice(0, 10)}`,
    `- Training data: ${version.datasetSha256 ? `SHA-256 \`${version.datasetSha256}\`` : "not known"}`,
    "",
    "## Intended use",
    "",
    "Who uses it, for which decisions, and what is it not made for?",
    "",
    "## Metrics",
    "",
    ...metricLines(version),
    "",
    "## Inputs and outputs",
    "",
    ...signatureLines(version),
    "",
    "## Hyperparameters",
    "",
    ...listed(
      Object.entries(version.hyperparameters).map(
        ([name, value]) => `${inline(name)}: ${inline(JSON.stringify(value) ?? "")}`,
      ),
    ),
    "",
    "## Checks",
    "",
    parityLine(version),
    "",
    "## Limits and ethical considerations",
    "",
    "For whom does it work worse, and what happens when it is wrong?",
  ];
  return `${lines.join("\n")}\n`;
}

function metricLines({ metrics }: VersionDto): string[] {
  const names = [...new Set([...Object.keys(metrics.validation), ...Object.keys(metrics.test)])];
  if (names.length === 0) return ["None were measured."];
  const cell = (values: Record<string, number | null>, name: string) =>
    typeof values[name] === "number" ? String(Number(values[name].toPrecision(4))) : "–";
  return [
    "| metric | validation | test |",
    "|---|---|---|",
    ...names
      .slice(0, LISTED_MAX)
      .map(
        (name) =>
          `| ${inline(name)} | ${cell(metrics.validation, name)} | ${cell(metrics.test, name)} |`,
      ),
  ];
}

function signatureLines({ signature }: VersionDto): string[] {
  if (!signature) return ["The version has no signature."];
  const { features, target, classes } = signature;
  return [
    `Predicts ${inline(target.name)} (${target.type})${
      classes ? `: ${classes.slice(0, LISTED_MAX).map(String).map(inline).join(", ")}` : ""
    } from ${features.length} features.`,
    "",
    ...listed(features.map(({ name, type }) => `${inline(name)}: ${type}`)),
  ];
}

function parityLine({ parity }: VersionDto): string {
  if (!parity) return "The ONNX file was not compared with the framework's answers.";
  return `Over ${parity.rows} rows the ONNX file differs from the framework by ${parity.maxAbsDiff} at most; ${parity.labelFlips} labels flipped.`;
}

const listed = (items: string[]): string[] =>
  items.length === 0
    ? ["None."]
    : [
        ...items.slice(0, LISTED_MAX).map((item) => `- ${item}`),
        ...(items.length > LISTED_MAX ? [`- … and ${items.length - LISTED_MAX} more`] : []),
      ];

/** Text of the user's data on one line, with nothing in it that Markdown would act on. */
const inline = (text: string): string =>
  text
    .replaceAll(/\s+/g, " ")
    .trim()
    .slice(0, 300)
    .replaceAll(/[\\`*_{}[\]()<>#|!~]/g, (c) => `\\${c}`);
