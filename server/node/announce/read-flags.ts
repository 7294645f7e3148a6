import { parseArgs } from "node:util";

export interface NodeFlags {
  /** Base URL of the product to register with. */
  register: string | undefined;
  /** Where gateways reach this node. */
  url: string | undefined;
  labels: Record<string, string>;
  /** Print the installation's node token and end. */
  printToken: boolean;
}

/** Reads `--register URL --url URL --label key=value --print-token`. Throws with one clear line. */
export function readNodeFlags(args: string[]): NodeFlags {
  const { values } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      register: { type: "string" },
      url: { type: "string" },
      label: { type: "string", multiple: true },
      "print-token": { type: "boolean" },
    },
  });
  for (const name of ["register", "url"] as const) {
    const text = values[name];
    if (text !== undefined && !(URL.canParse(text) && /^https?:/.test(text)))
      throw new Error(`--${name} must be an address that begins with http:// or https://.`);
  }
  const labels = (values.label ?? []).map((text): [string, string] => {
    const at = text.indexOf("=");
    if (at < 1) throw new Error(`--label ${text} must be written key=value.`);
    return [text.slice(0, at), text.slice(at + 1)];
  });
  return {
    register: values.register,
    url: values.url,
    labels: Object.fromEntries(labels),
    printToken: values["print-token"] ?? false,
  };
}
