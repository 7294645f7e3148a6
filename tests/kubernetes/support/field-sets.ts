/**
 * The fields of an object, each by its path in the words of managedFields: `f:name` for members,
 * `k:{…}` for items of lists that are merged by key. Lists that are not are one field.
 */
export type Fields = Map<string, unknown>;

const SEPARATOR = "\n";
/** Members that tell items of merged lists apart, by the list's name. */
const LIST_KEYS: Readonly<Record<string, readonly string[]>> = {
  containers: ["name"],
  env: ["name"],
  volumes: ["name"],
  volumeMounts: ["mountPath"],
  topologySpreadConstraints: ["topologyKey", "whenUnsatisfiable"],
};
const PORT_KEYS = { containerPort: ["containerPort", "protocol"], port: ["port", "protocol"] };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function keysOf(name: string, items: readonly unknown[]): readonly string[] | undefined {
  const known = LIST_KEYS[name];
  if (known) return known;
  const [first] = items;
  if (name !== "ports" || !isObject(first)) return undefined;
  // A NetworkPolicy's ports are one field.
  if ("containerPort" in first) return PORT_KEYS.containerPort;
  return "targetPort" in first ? PORT_KEYS.port : undefined;
}

/** Members that identify an object and belong to nobody. */
const IDENTITY = new Set(["f:apiVersion", "f:kind", "f:status"]);
const METADATA = new Set(["f:labels", "f:annotations", "f:finalizers", "f:ownerReferences"]);

export function fieldsOf(object: unknown): Fields {
  const fields: Fields = new Map();
  collect(object, [], fields);
  for (const path of fields.keys()) {
    const [first = "", second = ""] = path.split(SEPARATOR);
    if (IDENTITY.has(first) || (first === "f:metadata" && !METADATA.has(second)))
      fields.delete(path);
  }
  return fields;
}

function collect(value: unknown, path: string[], into: Fields): void {
  const name = path.at(-1)?.slice(2) ?? "";
  const keys = Array.isArray(value) ? keysOf(name, value) : undefined;
  if (keys) {
    for (const item of value as Record<string, unknown>[]) {
      const key = Object.fromEntries(keys.map((one) => [one, item[one]]));
      collect(item, [...path, `k:${JSON.stringify(key)}`], into);
    }
  } else if (isObject(value) && Object.keys(value).length > 0) {
    for (const [member, inner] of Object.entries(value))
      collect(inner, [...path, `f:${member}`], into);
  } else into.set(path.join(SEPARATOR), value);
}

/** The object that has these fields. */
export function toObject(fields: Fields): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [path, value] of fields) put(root, path.split(SEPARATOR), value);
  return root;
}

function put(root: Record<string, unknown>, path: string[], value: unknown): void {
  let place: Record<string, unknown> = root;
  for (const [index, step] of path.entries()) {
    const name = step.slice(2);
    const next = path[index + 1];
    if (next === undefined) place[name] = value;
    else if (next.startsWith("k:")) {
      place[name] ??= [];
      const list = place[name] as Record<string, unknown>[];
      const key = JSON.parse(next.slice(2)) as Record<string, unknown>;
      const isIt = (item: Record<string, unknown>) =>
        Object.entries(key).every(([member, wanted]) => item[member] === wanted);
      const item = list.find(isIt) ?? { ...key };
      if (!list.includes(item)) list.push(item);
      place = item;
    } else if (step.startsWith("f:")) {
      place[name] ??= {};
      place = place[name] as Record<string, unknown>;
    }
  }
}

/** As the API server writes a set of fields. */
export function toFieldsV1(paths: Iterable<string>): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const path of paths) {
    let place = root;
    for (const step of path.split(SEPARATOR)) {
      place[step] ??= {};
      place = place[step] as Record<string, unknown>;
    }
  }
  return root;
}

/** As the API server names a field in a conflict: `.spec.template.spec.containers[name="node"].image`. */
export const toText = (path: string): string =>
  path
    .split(SEPARATOR)
    .map((step) => {
      if (step.startsWith("f:")) return `.${step.slice(2)}`;
      const pairs = Object.entries(JSON.parse(step.slice(2)) as Record<string, unknown>);
      return `[${pairs.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(",")}]`;
    })
    .join("");

export const sameValue = (a: unknown, b: unknown): boolean =>
  JSON.stringify(a) === JSON.stringify(b);
