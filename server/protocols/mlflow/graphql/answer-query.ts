import { invalidParameter, MlflowError } from "../errors";
import { type Field, type Query, readQuery, type Selection } from "./read-query";
import { ROOTS, TYPES } from "./types";

/** Calls what answers a field the query begins with. Throws as the route does. */
type Call = (root: string, input: Record<string, unknown>) => Promise<Wire>;
type Wire = Record<string, unknown>;

interface GraphqlReply {
  data: Wire | null;
  errors: string[] | null;
}

const LIMITS = { fields: 1000, depth: 10, roots: 10, aliases: 10, calls: 200 };

/** `says` what a caller may know of an error that is none of the query's own. */
export async function answerQuery(
  asked: { query: string; variables: Wire; operationName: string | undefined },
  call: Call,
  says: (error: unknown) => string,
): Promise<GraphqlReply> {
  const query = readQuery(asked.query, asked.variables);
  const operation = query.operations.find(
    ({ name }) => asked.operationName === undefined || name === asked.operationName,
  );
  if (!operation) throw invalidParameter("The GraphQL query has no such operation.");
  const answer = new Answer(query, call);
  const roots = answer.fieldsOf(operation.selections);
  if (roots.length > LIMITS.roots || roots.filter(isAliased).length > LIMITS.aliases) {
    return refused(`A query may begin with ${LIMITS.roots} fields at most.`);
  }
  const data: Wire = {};
  const errors: string[] = [];
  for (const field of roots) {
    try {
      data[field.as] = await answer.root(field);
    } catch (error) {
      if (error instanceof BadQuery) return refused(error.message);
      data[field.as] = null;
      errors.push(says(error));
    }
  }
  return { data, errors: errors.length > 0 ? errors : null };
}

class BadQuery extends Error {}

const refused = (message: string): GraphqlReply => ({ data: null, errors: [message] });
/** A query may name any property; only those of the table are meant. */
const own = <T>(record: Record<string, T>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;
const isAliased = (field: Field) => field.as !== field.name;
const snake = (name: string) => name.replaceAll(/[A-Z]/g, (one) => `_${one.toLowerCase()}`);

/** What proto JSON leaves out. */
const EMPTY: Record<string, unknown> = {
  String: "",
  Long: "0",
  Float: 0,
  Boolean: false,
  Enum: null,
};

class Answer {
  private fields = 0;
  private calls = 0;

  constructor(
    private readonly query: Query,
    private readonly call: Call,
  ) {}

  /** The fields of a selection, fragments opened. */
  fieldsOf(selections: Selection[], seen: string[] = []): Field[] {
    return selections.flatMap((one): Field[] => {
      if (one.kind === "inline") return this.fieldsOf(one.selections, seen);
      if (one.kind === "spread") {
        const inside = this.query.fragments.get(one.fragment);
        if (!inside || seen.includes(one.fragment)) {
          throw invalidParameter(`The fragment ${one.fragment} cannot be used here.`);
        }
        return this.fieldsOf(inside, [...seen, one.fragment]);
      }
      this.fields++;
      if (this.fields > LIMITS.fields) {
        throw invalidParameter(`A query may ask ${LIMITS.fields} fields at most.`);
      }
      return [one];
    });
  }

  async root(field: Field): Promise<unknown> {
    if (field.name === "__typename") return "Query";
    if (field.name === "test" || field.name === "testMutation") {
      return this.object("Test", { output: field.args.inputString }, field, 1);
    }
    const root = own(ROOTS, field.name);
    if (!root) throw new BadQuery(`Cannot query field '${field.name}' on type 'Query'.`);
    const input = (field.args.input ?? {}) as Wire;
    return this.object(root.type, await this.ask(field.name, input), field, 1);
  }

  private ask(root: string, message: Wire): Promise<Wire> {
    this.calls++;
    if (this.calls <= LIMITS.calls) return this.call(root, message);
    throw new MlflowError("INVALID_PARAMETER_VALUE", "The query asks for too many runs at once.");
  }

  private async object(type: string, value: Wire, of: Field, depth: number): Promise<Wire> {
    if (depth > LIMITS.depth) throw new BadQuery(`A query may be ${LIMITS.depth} levels deep.`);
    const answer: Wire = {};
    for (const field of this.fieldsOf(of.selections)) {
      const kind = own(TYPES[type] ?? {}, field.name);
      if (field.name === "__typename") answer[field.as] = type;
      else if (!kind) throw new BadQuery(`Cannot query field '${field.name}' on type '${type}'.`);
      else
        answer[field.as] = await this.value(
          kind,
          await this.held(type, value, field),
          field,
          depth,
        );
    }
    return answer;
  }

  /** What an object holds under a field; two fields of a run are asked for elsewhere. */
  private async held(type: string, value: Wire, { name }: Field): Promise<unknown> {
    if (type !== "MlflowRun" || (name !== "experiment" && name !== "modelVersions")) {
      return value[snake(name)];
    }
    const info = value.info as { run_id: string; experiment_id: string };
    if (name === "experiment") {
      const message = { experiment_id: info.experiment_id };
      return (await this.ask("mlflowGetExperiment", message)).experiment;
    }
    const message = { filter: `run_id='${info.run_id}'` };
    return (await this.ask("mlflowSearchModelVersions", message)).model_versions;
  }

  private async value(kind: string, held: unknown, field: Field, depth: number): Promise<unknown> {
    if (kind.startsWith("[")) {
      const list: unknown[] = [];
      for (const one of Array.isArray(held) ? held : []) {
        list.push(await this.value(kind.slice(1, -1), one, field, depth));
      }
      return list;
    }
    if (TYPES[kind]) {
      if (kind === "ApiError") return null;
      return this.object(kind, (held ?? {}) as Wire, field, depth + 1);
    }
    if (held === undefined || held === null) return EMPTY[kind] ?? null;
    if (kind === "Long") return typeof held === "object" ? JSON.stringify(held) : String(held);
    // GraphQL has no number for these.
    return kind === "Float" && !Number.isFinite(Number(held)) ? null : held;
  }
}
