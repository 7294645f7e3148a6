import type { FeatureRow } from "./feature-values";

export type Language = "curl" | "python" | "typescript";

interface Call {
  url: string;
  input: FeatureRow;
}

const json = (value: unknown, indent = 2) => JSON.stringify(value, null, indent);

/** A JSON value as a Python literal. */
function python(value: unknown, indent: string): string {
  if (value === null) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (typeof value !== "object") return JSON.stringify(value);
  const inner = `${indent}    `;
  const lines = Object.entries(value).map(
    ([key, item]) => `${inner}${JSON.stringify(key)}: ${python(item, inner)},`,
  );
  return `{\n${lines.join("\n")}\n${indent}}`;
}

/** Inside single quotes of a shell, a quote ends them; this goes around it. */
const shellQuoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

const curlOf = (url: string, body: string) => `curl ${url} \\
  -H "Authorization: Bearer $MODELYARD_API_KEY" \\
  -H "Content-Type: application/json" \\
  -d ${shellQuoted(body)}`;

const SNIPPETS: Record<Language, (call: Call) => string> = {
  curl: ({ url, input }) => curlOf(url, json({ input })),
  python: ({ url, input }) => `import json
import os
import urllib.request

request = urllib.request.Request(
    "${url}",
    data=json.dumps({"input": ${python(input, "    ")}}).encode(),
    headers={
        "Authorization": f"Bearer {os.environ['MODELYARD_API_KEY']}",
        "Content-Type": "application/json",
    },
)
with urllib.request.urlopen(request) as answer:
    print(json.load(answer))`,
  typescript: ({ url, input }) => `const answer = await fetch("${url}", {
  method: "POST",
  headers: {
    authorization: \`Bearer \${process.env.MODELYARD_API_KEY}\`,
    "content-type": "application/json",
  },
  body: JSON.stringify(${json({ input }).replaceAll("\n", "\n  ")}),
});
console.log(await answer.json());`,
};

/** A call that answers when pasted, in the given language. */
export const snippetOf = (language: Language, call: Call): string => SNIPPETS[language](call);

/** A logged request as a call of its own; one row goes as `input`. */
export function repeatedCall(url: string, rows: readonly unknown[]): string {
  const body = rows.length === 1 ? { input: rows[0] } : { inputs: rows };
  return curlOf(url, json(body));
}
