import { randomUUID } from "node:crypto";
import type { Manifest } from "@/server/deployments/kubernetes/manifests/manifest";
import { type Fields, fieldsOf, sameValue, toFieldsV1, toObject, toText } from "./field-sets";

interface Owner {
  manager: string;
  operation: "Apply" | "Update";
  subresource?: string;
  paths: Set<string>;
}

/** Fields that others hold with other values. */
export class Conflicts extends Error {
  constructor(readonly causes: { reason: string; field: string; message: string }[]) {
    super(`Apply failed with ${causes.length} conflicts`);
  }
}

const REPLICAS = "f:spec\nf:replicas";

/** One object with who manages which of its fields, by the rules of server-side apply. */
export class StoredObject {
  readonly uid = randomUUID();
  generation = 1;
  status: Record<string, unknown> = {};
  private fields: Fields = new Map();
  private owners: Owner[] = [];

  constructor(
    readonly apiVersion: string,
    readonly kind: string,
    readonly namespace: string,
    readonly name: string,
  ) {}

  copy(): StoredObject {
    const copy = new StoredObject(this.apiVersion, this.kind, this.namespace, this.name);
    Object.assign(copy, this, {
      fields: new Map(this.fields),
      owners: this.owners.map((owner) => ({ ...owner, paths: new Set(owner.paths) })),
    });
    return copy;
  }

  /** Server-side apply: throws Conflicts unless forced. */
  apply(config: unknown, manager: string, force: boolean): void {
    const wanted = fieldsOf(config);
    const own = this.owner(manager, "Apply");
    const causes = this.conflicts(wanted, own);
    if (causes.length > 0 && !force) throw new Conflicts(causes);
    const before = new Map(this.fields);
    for (const [path, value] of wanted) {
      if (!sameValue(this.fields.get(path), value)) this.release(path, own);
      this.fields.set(path, value);
    }
    for (const path of own.paths)
      if (!wanted.has(path) && !this.owners.some((one) => one !== own && one.paths.has(path)))
        this.fields.delete(path);
    own.paths = new Set(wanted.keys());
    this.changed(before);
  }

  /** A change by any other way: what it touches is the manager's from then on. */
  update(values: unknown, manager: string, subresource?: string): void {
    const own = this.owner(manager, "Update", subresource);
    const before = new Map(this.fields);
    for (const [path, value] of fieldsOf(values)) {
      if (sameValue(this.fields.get(path), value)) continue;
      this.release(path, own);
      own.paths.add(path);
      this.fields.set(path, value);
    }
    this.changed(before);
  }

  private owner(manager: string, operation: Owner["operation"], subresource?: string): Owner {
    const known = this.owners.find(
      (one) =>
        one.manager === manager && one.operation === operation && one.subresource === subresource,
    );
    if (known) return known;
    const made = {
      manager,
      operation,
      paths: new Set<string>(),
      ...(subresource && { subresource }),
    };
    this.owners.push(made);
    return made;
  }

  private conflicts(wanted: Fields, own: Owner) {
    return [...wanted].flatMap(([path, value]) =>
      sameValue(this.fields.get(path), value)
        ? []
        : this.owners
            .filter((one) => one !== own && one.paths.has(path))
            .map(({ manager, subresource }) => ({
              reason: "FieldManagerConflict",
              message: `conflict with "${manager}"${subresource ? ` with subresource "${subresource}"` : ""} using ${this.apiVersion}`,
              field: toText(path),
            })),
    );
  }

  private release(path: string, except: Owner): void {
    for (const one of this.owners) if (one !== except) one.paths.delete(path);
  }

  private changed(before: Fields): void {
    this.owners = this.owners.filter((one) => one.paths.size > 0);
    // The default of a field that nobody has an opinion on.
    if (this.kind === "Deployment" && !this.fields.has(REPLICAS)) this.fields.set(REPLICAS, 1);
    const spec = (fields: Fields) =>
      JSON.stringify([...fields].filter(([path]) => path.startsWith("f:spec")).sort());
    if (before.size > 0 && spec(before) !== spec(this.fields)) this.generation++;
  }

  /** Without what the server adds. */
  plain(): Manifest & { spec?: Record<string, unknown> } {
    const { metadata, ...rest } = toObject(this.fields) as Manifest;
    const { apiVersion, kind, name, namespace } = this;
    return { apiVersion, kind, metadata: { ...metadata, name, namespace }, ...rest };
  }

  /** As the API server answers it. */
  shown(): Record<string, unknown> {
    const plain = this.plain();
    return {
      ...plain,
      metadata: {
        ...plain.metadata,
        uid: this.uid,
        generation: this.generation,
        managedFields: this.owners.map(({ paths, ...owner }) => ({
          ...owner,
          apiVersion: this.apiVersion,
          fieldsType: "FieldsV1",
          fieldsV1: toFieldsV1(paths),
        })),
      },
      status: this.status,
    };
  }

  get labels(): Record<string, string> {
    return this.plain().metadata?.labels ?? {};
  }

  ownersOf(text: string): string[] {
    return this.owners
      .filter(({ paths }) => [...paths].some((path) => toText(path) === text))
      .map(({ manager }) => manager);
  }
}
