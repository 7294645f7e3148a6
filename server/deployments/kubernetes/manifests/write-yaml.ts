import { stringify } from "yaml";
import type { Manifest } from "./manifest";

/**
 * Objects as documents of one YAML text under a comment. Words that older readers take for true and
 * false are quoted: kubectl reads YAML 1.1.
 */
export function writeYaml(objects: readonly Manifest[], comment: readonly string[]): string {
  const documents = objects.map((one) =>
    stringify(one, { aliasDuplicateObjects: false, compat: "yaml-1.1", lineWidth: 0 }),
  );
  const head = comment.map((line) => `# ${line.replaceAll(/[\r\n]+/g, " ")}\n`).join("");
  return `${head}---\n${documents.join("---\n")}`;
}
