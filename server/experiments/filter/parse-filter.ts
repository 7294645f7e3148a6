import { openTokens, type TokenCursor } from "./cursor";
import type { FilterLanguage } from "./language";
import { parseComparison } from "./parse-comparison";
import { type Filter, FilterError } from "./syntax";

/** Brackets and NOTs inside one another, and comparisons in all: more than anybody writes. */
const DEPTH_MAX = 50;
const COMPARISONS_MAX = 200;

interface Parser {
  tokens: TokenCursor;
  language: FilterLanguage;
  comparisons: number;
}

/**
 * Reads a filter: comparisons joined by AND, OR, NOT and brackets, NOT binding closest, OR loosest.
 * null for blank text, which holds of everything. Throws FilterError with the place of what is wrong.
 */
export function parseFilter(source: string, language: FilterLanguage): Filter | null {
  const parser: Parser = { tokens: openTokens(source), language, comparisons: 0 };
  if (parser.tokens.peek().kind === "end") return null;
  const filter = parseOr(parser, 0);
  const rest = parser.tokens.peek();
  if (rest.kind === "end") return filter;
  throw new FilterError(
    `Invalid clause(s) in filter string: '${source.slice(rest.start)}'. Join clauses by AND or OR.`,
    rest.start,
  );
}

const parseOr = (parser: Parser, depth: number): Filter => joined(parser, depth, "or", parseAnd);
const parseAnd = (parser: Parser, depth: number): Filter => joined(parser, depth, "and", parseNot);

/** Terms of one kind side by side are one list, whatever brackets stood around them. */
function joined(
  parser: Parser,
  depth: number,
  kind: "and" | "or",
  part: (parser: Parser, depth: number) => Filter,
): Filter {
  const terms: Filter[] = [];
  do {
    const term = part(parser, depth);
    if (term.kind === kind) terms.push(...term.terms);
    else terms.push(term);
  } while (parser.tokens.takeWord(kind.toUpperCase()));
  const [only] = terms;
  return terms.length === 1 && only ? only : { kind, terms };
}

function parseNot(parser: Parser, depth: number): Filter {
  const at = parser.tokens.peek();
  if (depth > DEPTH_MAX) {
    throw new FilterError(`The filter nests deeper than ${DEPTH_MAX} levels.`, at.start);
  }
  if (parser.tokens.takeWord("NOT")) return { kind: "not", term: parseNot(parser, depth + 1) };
  if (parser.tokens.takeMark("(")) {
    const inner = parseOr(parser, depth + 1);
    const close = parser.tokens.peek();
    if (parser.tokens.takeMark(")")) return inner;
    throw new FilterError(
      `Invalid clause(s) in filter string: expected ')' found ${close.raw ? `'${close.raw}'` : "the end"}.`,
      close.start,
    );
  }
  parser.comparisons += 1;
  if (parser.comparisons > COMPARISONS_MAX) {
    throw new FilterError(`The filter holds more than ${COMPARISONS_MAX} comparisons.`, at.start);
  }
  return parseComparison(parser.tokens, parser.language);
}
