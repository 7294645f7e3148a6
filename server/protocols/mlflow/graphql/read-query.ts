import { invalidParameter } from "../errors";

/** One asked field, its arguments with the variables in place. */
export interface Field {
  kind: "field";
  /** The name of the answer: the alias, or the field's own. */
  as: string;
  name: string;
  args: Record<string, unknown>;
  selections: Selection[];
}
export type Selection =
  | Field
  | { kind: "spread"; fragment: string }
  | { kind: "inline"; selections: Selection[] };

export interface Query {
  operations: { type: string; name: string; selections: Selection[] }[];
  fragments: Map<string, Selection[]>;
}

const TOKEN =
  /(?:[\s,\uFEFF]|#[^\n\r]*)*(?:(?<text>"(?:[^"\\\n\r]|\\.)*")|(?<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?<name>[_A-Za-z]\w*)|(?<mark>\.\.\.|[!$()=:@[\]{|}])|(?<end>$))/y;
type Kind = "text" | "number" | "name" | "mark" | "end";

/** Brackets within brackets. */
const DEPTH_MAX = 30;

const unreadable = () => invalidParameter("The GraphQL query cannot be read.");

/** Reads a query document. Throws INVALID_PARAMETER_VALUE for what is none. */
export function readQuery(text: string, variables: Record<string, unknown>): Query {
  return new QueryReader(text, { ...variables }).document();
}

class QueryReader {
  private kind: Kind = "end";
  private token = "";
  private at = 0;
  private depth = 0;

  constructor(
    private readonly text: string,
    private readonly variables: Record<string, unknown>,
  ) {
    this.next();
  }

  document(): Query {
    const query: Query = { operations: [], fragments: new Map() };
    while (this.kind !== "end") {
      if (this.token === "{") {
        query.operations.push({ type: "query", name: "", selections: this.selections() });
        continue;
      }
      const type = this.name();
      if (type === "fragment") {
        const name = this.name();
        this.name();
        this.name();
        this.directives();
        query.fragments.set(name, this.selections());
        continue;
      }
      if (type !== "query" && type !== "mutation") throw unreadable();
      const name = this.kind === "name" ? this.name() : "";
      this.variableDefinitions();
      this.directives();
      query.operations.push({ type, name, selections: this.selections() });
    }
    return query;
  }

  private next(): string {
    const before = this.token;
    TOKEN.lastIndex = this.at;
    const found = TOKEN.exec(this.text)?.groups;
    const [kind, token] = Object.entries(found ?? {}).find(([, one]) => one !== undefined) ?? [];
    if (kind === undefined || token === undefined) throw unreadable();
    this.kind = kind as Kind;
    this.token = token;
    this.at = TOKEN.lastIndex;
    return before;
  }

  private name(): string {
    if (this.kind !== "name") throw unreadable();
    return this.next();
  }

  private skip(mark: string): boolean {
    if (this.kind !== "mark" || this.token !== mark) return false;
    this.next();
    return true;
  }

  private expect(mark: string): void {
    if (!this.skip(mark)) throw unreadable();
  }

  /** What stands between two brackets. */
  private between<T>(open: string, close: string, one: () => T): T[] {
    this.expect(open);
    this.depth++;
    if (this.depth > DEPTH_MAX) throw unreadable();
    const all: T[] = [];
    while (!this.skip(close)) all.push(one());
    this.depth--;
    return all;
  }

  private selections(): Selection[] {
    return this.between("{", "}", () => this.selection()).filter((one) => one !== null);
  }

  private selection(): Selection | null {
    if (this.skip("...")) {
      if (this.kind === "name" && this.token !== "on") {
        const fragment = this.name();
        return this.directives() ? { kind: "spread", fragment } : null;
      }
      if (this.kind === "name") {
        this.name();
        this.name();
      }
      const isAsked = this.directives();
      const selections = this.selections();
      return isAsked ? { kind: "inline", selections } : null;
    }
    const first = this.name();
    const name = this.skip(":") ? this.name() : first;
    const args = this.args();
    const isAsked = this.directives();
    const selections = this.token === "{" && this.kind === "mark" ? this.selections() : [];
    return isAsked ? { kind: "field", as: first, name, args, selections } : null;
  }

  private args(): Record<string, unknown> {
    if (this.kind !== "mark" || this.token !== "(") return {};
    return Object.fromEntries(this.between("(", ")", () => this.entry()));
  }

  private entry(): [string, unknown] {
    const name = this.name();
    this.expect(":");
    return [name, this.value()];
  }

  private value(): unknown {
    if (this.skip("$")) {
      const name = this.name();
      return Object.hasOwn(this.variables, name) ? this.variables[name] : null;
    }
    if (this.kind === "number") return Number(this.next());
    if (this.kind === "text") return textOf(this.next());
    if (this.kind === "name") {
      const word = this.name();
      if (word === "null") return null;
      return word === "true" || word === "false" ? word === "true" : word;
    }
    if (this.token === "[") return this.between("[", "]", () => this.value());
    return Object.fromEntries(this.between("{", "}", () => this.entry()));
  }

  /** Whether @skip and @include leave the field; other directives say nothing here. */
  private directives(): boolean {
    let isAsked = true;
    while (this.skip("@")) {
      const name = this.name();
      const { if: condition } = this.args();
      if (name === "skip" && condition === true) isAsked = false;
      if (name === "include" && condition === false) isAsked = false;
    }
    return isAsked;
  }

  private variableDefinitions(): void {
    if (this.kind !== "mark" || this.token !== "(") return;
    this.between("(", ")", () => {
      this.expect("$");
      const name = this.name();
      this.expect(":");
      this.type();
      if (!this.skip("=")) return;
      const usual = this.value();
      if (!Object.hasOwn(this.variables, name)) this.variables[name] = usual;
    });
  }

  private type(): void {
    if (this.kind === "mark" && this.token === "[") this.between("[", "]", () => this.type());
    else this.name();
    this.skip("!");
  }
}

function textOf(token: string): string {
  try {
    return JSON.parse(token) as string;
  } catch {
    throw unreadable();
  }
}
