import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  EXPERIMENT_LANGUAGE,
  type FilterLanguage,
  LOGGED_MODEL_LANGUAGE,
  MODEL_VERSION_LANGUAGE,
  REGISTERED_MODEL_LANGUAGE,
  RUN_LANGUAGE,
} from "@/server/experiments/filter";
import { parseFilter } from "@/server/experiments/filter/parse-filter";
import { printFilter } from "@/server/experiments/filter/print-filter";
import { FilterError } from "@/server/experiments/filter/syntax";
import { filters } from "./filter-arbitraries";

const canonical = (text: string, language: FilterLanguage = RUN_LANGUAGE) =>
  printFilter(parseFilter(text, language));

function problem(text: string, language: FilterLanguage = RUN_LANGUAGE): [string, number] {
  try {
    parseFilter(text, language);
  } catch (error) {
    if (error instanceof FilterError) return [error.message, error.position];
    throw error;
  }
  throw new Error(`${text} was read`);
}

// Of mlflow's tests/utils/test_search_utils.py: what they take, and how it is written canonically.
const MLFLOW: [string, string][] = [
  ["metric.acc >= 0.94", "metrics.acc >= 0.94"],
  ["metric.acc>=100", "metrics.acc >= 100"],
  ["params.m!='tf'", "params.m != 'tf'"],
  ['params."m"!="tf"', "params.m != 'tf'"],
  ['params."m"!="tf"', "params.m != 'tf'"],
  ["metric.yada >= 1e3 AND metric.b = -1.5", "metrics.yada >= 1000 AND metrics.b = -1.5"],
  ["params.m IN ('a')", "params.m IN ('a')"],
  ['tags.`user.name` ilike "%A%"', "tags.user.name ILIKE '%A%'"],
  ["tags.\"a b c\" LIKE 'x_'", "tags.`a b c` LIKE 'x_'"],
  ["`metrics`.`pearson's 1-1 ratio` < 0", "metrics.`pearson's 1-1 ratio` < 0"],
  ["metrics.`name with ``tick` > 1", "metrics.`name with ``tick` > 1"],
  ["metrics.m1.value > .5", "metrics.m1.value > 0.5"],
  ["metrics.val/loss < 1", "metrics.val/loss < 1"],
  ['metrics."a=b" = 1', "metrics.`a=b` = 1"],
  ["attribute.artifact_uri = '1/23/4'", "artifact_uri = '1/23/4'"],
  ["attr.status = 'RUNNING'", "status = 'RUNNING'"],
  ["run.status = 'RUNNING'", "status = 'RUNNING'"],
  ["status = 'RUNNING'", "status = 'RUNNING'"],
  ["attributes.start_time >= 1234", "start_time >= 1234"],
  ["created > 1 and Created < 5", "start_time > 1 AND start_time < 5"],
  ["attributes.`Run name` LIKE '%x'", "run_name LIKE '%x'"],
  ["run_id IN ('a', 'b' ,'c')", "run_id IN ('a', 'b', 'c')"],
  ["attribute.run_id not in ('a')", "run_id NOT IN ('a')"],
  [
    "dataset.name = 'd' AND datasets.digest IN ('x','y') and dataset.context != 'train'",
    "dataset.name = 'd' AND dataset.digest IN ('x', 'y') AND dataset.context != 'train'",
  ],
  ["tags.a IS NULL and params.b is  not null", "tags.a IS NULL AND params.b IS NOT NULL"],
  ["params.x = ''", "params.x = ''"],
  ["params.x = 'it''s'", "params.x = 'it''s'"],
  ['params.x = "it\'s"', "params.x = 'it''s'"],
  ["params.x = 'C:\\dir\\'", "params.x = 'C:\\dir\\'"],
  ["  ", ""],
  ["\n metrics.a\t>\n1\n", "metrics.a > 1"],
];

const BEYOND: [string, string][] = [
  [
    "metrics.a > 1 OR metrics.b > 2 AND metrics.c > 3",
    "metrics.a > 1 OR metrics.b > 2 AND metrics.c > 3",
  ],
  [
    "(metrics.a > 1 or metrics.b > 2) and metrics.c > 3",
    "(metrics.a > 1 OR metrics.b > 2) AND metrics.c > 3",
  ],
  [
    "((metrics.a > 1 AND (metrics.b > 2 AND status = 'x')))",
    "metrics.a > 1 AND metrics.b > 2 AND status = 'x'",
  ],
  [
    "not params.a = 'x' and not not tags.b is null",
    "NOT params.a = 'x' AND NOT NOT tags.b IS NULL",
  ],
  ["NOT (params.a = 'x' OR params.b = 'y')", "NOT (params.a = 'x' OR params.b = 'y')"],
  [
    "min(metrics.loss) < 0.1 and MAX( metrics.`a b` ) > 1",
    "min(metrics.loss) < 0.1 AND max(metrics.`a b`) > 1",
  ],
  [
    "best(metric.auc) >= 0.9 OR last(metrics.auc) = 1",
    "best(metrics.auc) >= 0.9 OR metrics.auc = 1",
  ],
  ["duration > 60000 AND metrics.loss IS NULL", "duration > 60000 AND metrics.loss IS NULL"],
  [
    "status IN ('FAILED', 'KILLED') OR params.`or` = 'and'",
    "status IN ('FAILED', 'KILLED') OR params.or = 'and'",
  ],
];

describe("parseFilter", () => {
  it.each(MLFLOW)("reads %s as MLflow does", (text, expected) => {
    expect(canonical(text)).toBe(expected);
  });

  it.each(BEYOND)("reads %s, which MLflow does not", (text, expected) => {
    expect(canonical(text)).toBe(expected);
  });

  it.each([
    [
      "metrics.acc LIKE 'x'",
      "Invalid comparator 'LIKE' not one of '{'>', '>=', '=', '!=', '<', '<='}'",
      12,
    ],
    [
      "params.acc > '1'",
      "Invalid comparator '>' not one of '{'=', '!=', 'LIKE', 'ILIKE', 'IN', 'NOT IN'}'",
      11,
    ],
    [
      "metrics.acc == 1",
      "Invalid comparator '==' not one of '{'>', '>=', '=', '!=', '<', '<='}'",
      12,
    ],
    [
      "params.acc RLIKE 'x'",
      "Invalid comparator 'RLIKE' not one of '{'=', '!=', 'LIKE', 'ILIKE', 'IN', 'NOT IN'}'",
      11,
    ],
    ["metrics.acc > 'x'", "Expected numeric value type for metric. Found 'x'", 14],
    ["metrics.acc > 1e999", "Expected numeric value type for metric. Found 1e999", 14],
    [
      "start_time > 'x'",
      "Expected numeric value type for numeric attribute: start_time. Found 'x'",
      13,
    ],
    [
      "params.m = LR",
      "Parameter value is either not quoted or unidentified quote types used for string value LR. Use either single or double quotes.",
      11,
    ],
    [
      "params.m = `LR`",
      "Parameter value is either not quoted or unidentified quote types used for string value `LR`. Use either single or double quotes.",
      11,
    ],
    [
      "params.m = 5",
      "Expected a quoted string value for parameter (e.g. 'my-value'). Got value 5",
      11,
    ],
    ["tags.m = 5", "Expected a quoted string value for tag (e.g. 'my-value'). Got value 5", 9],
    ["status = 5", "Expected a quoted string value for attributes. Got value 5", 9],
    ["dataset.name = 5", "Expected a quoted string value for dataset attributes. Got value 5", 15],
    [
      "foo.x = 'y'",
      "Invalid entity type 'foo'. Valid values are ['metric', 'parameter', 'tag', 'attribute', 'dataset']",
      0,
    ],
    [
      "m > 1",
      "Invalid attribute key 'm' specified. Valid keys are '{'Created', 'Run Name', 'Run name', 'artifact_uri', 'created', 'duration', 'end_time', 'run name', 'run_id', 'run_name', 'start_time', 'status', 'user_id'}'",
      0,
    ],
    [
      "dataset.size = 'x'",
      "Invalid dataset key 'size' specified. Valid keys are '{'name', 'digest', 'context'}'",
      0,
    ],
    [
      "run_id IN ()",
      "While parsing a list in the query, expected a non-empty list of string values, but got empty list",
      10,
    ],
    [
      "run_id IN ('a' 'b')",
      "While parsing a list in the query, expected a non-empty list of string values, but got ill-formed list.",
      15,
    ],
    [
      "run_id IN ('a', 5)",
      "While parsing a list in the query, expected string value, punctuation, or whitespace, but got different type in list: 5",
      16,
    ],
    [
      "run_id IN ('a'",
      "While parsing a list in the query, expected a non-empty list of string values, but got ill-formed list.",
      14,
    ],
    ["'x' = params.a", "Invalid comparison clause. Expected 'Identifier' found ''x''", 0],
    [
      "metrics.a > 1 metrics.b > 1",
      "Invalid clause(s) in filter string: 'metrics.b > 1'. Join clauses by AND or OR.",
      14,
    ],
    ["metrics.a > 1 AND", "Invalid comparison clause. Expected 'Identifier' found the end.", 17],
    ["(metrics.a > 1", "Invalid clause(s) in filter string: expected ')' found the end.", 14],
    ["metrics. > 1", "Invalid identifier 'metrics.': a name is missing after the dot.", 0],
    [
      "params.a = 'x",
      "Invalid filter 'params.a = 'x'. Could not be parsed: a quote does not end.",
      11,
    ],
    ["min(params.a) > 1", "min() takes a metric, as in min(metrics.loss).", 4],
    [
      "dataset.name IS NULL",
      "IS NULL / IS NOT NULL is only supported for tags and params, not for 'dataset' 'name'",
      13,
    ],
  ] as [string, string, number][])(
    "refuses %s with what is wrong and where",
    (text, message, position) => {
      expect(problem(text)).toEqual([message, position]);
    },
  );

  it("names nothing that every object has", () => {
    for (const word of ["constructor", "toString", "__proto__"]) {
      expect(problem(`${word}.x = 'y'`)[0]).toMatch(/^Invalid entity type/);
      expect(problem(`${word} = 'y'`)[0]).toMatch(/^Invalid attribute key/);
    }
  });

  it("stops at depth, number and length, and never breaks", () => {
    expect(problem(`${"(".repeat(5000)}status = 'x'`)[0]).toMatch(/deeper than 50/);
    expect(problem(`${"NOT ".repeat(4000)}status = 'x'`)[0]).toMatch(/deeper than 50/);
    expect(problem(Array(201).fill("status = 'x'").join(" OR "))[0]).toMatch(/more than 200/);
    expect(canonical(Array(200).fill("status = 'x'").join(" OR "))).toContain(" OR ");
    expect(problem(`status = '${"x".repeat(20_000)}'`)[0]).toMatch(/longer than 20000/);
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom(..."metrics.ab ><='\"`()!,ANDORNOTINIS1-\0\\".split("")),
          maxLength: 40,
        }),
        (text) => {
          try {
            parseFilter(text, RUN_LANGUAGE);
          } catch (error) {
            expect(error).toBeInstanceOf(FilterError);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("prints what it reads, and reads what it prints as the same tree", () => {
    fc.assert(
      fc.property(filters, (filter) => {
        expect(parseFilter(printFilter(filter), RUN_LANGUAGE)).toEqual(filter);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("the other things that are searched", () => {
  it.each([
    [
      EXPERIMENT_LANGUAGE,
      "attribute.name ILIKE 'A%' AND tags.team = 'x' AND creation_time > 1 AND experiment_id IN ('1')",
      "name ILIKE 'A%' AND tags.team = 'x' AND creation_time > 1 AND experiment_id IN ('1')",
    ],
    [
      REGISTERED_MODEL_LANGUAGE,
      "name = 'm' and tags.`mlflow.prompt.is_prompt` != 'true'",
      "name = 'm' AND tags.mlflow.prompt.is_prompt != 'true'",
    ],
    [
      MODEL_VERSION_LANGUAGE,
      "run_id IN ('a','b') and version_number >= 3 and source_path LIKE 's3%'",
      "run_id IN ('a', 'b') AND version_number >= 3 AND source_path LIKE 's3%'",
    ],
    [
      LOGGED_MODEL_LANGUAGE,
      "attributes.creation_timestamp > 5 AND metrics.accuracy > 0.5 AND params.a IN ('1','2') and name like 'a'",
      "creation_timestamp_ms > 5 AND metrics.accuracy > 0.5 AND params.a IN ('1', '2') AND name LIKE 'a'",
    ],
  ] as [FilterLanguage, string, string][])(
    "reads %# by its own fields",
    (language, text, expected) => {
      expect(canonical(text, language)).toBe(expected);
    },
  );

  it("refuses fields of other things", () => {
    expect(problem("metrics.a > 1", EXPERIMENT_LANGUAGE)[0]).toBe(
      "Invalid entity type 'metrics'. Valid values are ['tag', 'attribute']",
    );
    expect(problem("run_id = 'x'", REGISTERED_MODEL_LANGUAGE)[0]).toMatch(
      /^Invalid attribute key 'run_id'/,
    );
  });
});
