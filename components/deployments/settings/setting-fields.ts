/** One setting as a form shows it; `path` is dotted, within its section. */
export type SettingField = { path: string; label: string; hint: string } & (
  | {
      kind: "number";
      min: number;
      max: number;
      step?: number;
      nullable?: boolean;
      /** Of the stored unit in the shown one. */
      factor?: number;
    }
  | { kind: "switch" }
  | { kind: "choice"; choices: { value: string; label: string }[] }
  | { kind: "text" }
  /** Whole numbers, written with commas. */
  | { kind: "numbers" }
  /** Names and values, written as `name=value` with commas. */
  | { kind: "labels" }
) & {
    /** Shown only while the setting at this path has this value. */
    when?: { path: string; is: unknown };
  };

export const ROUTING: SettingField[] = [
  {
    path: "assignment",
    label: "Split traffic by",
    hint: "By request spreads evenly. By unit, the same customer always meets the same variant.",
    kind: "choice",
    choices: [
      { value: "weight", label: "Request" },
      { value: "unit", label: "Unit" },
    ],
  },
  {
    path: "unitHeader",
    label: "Unit header",
    hint: "Request header with the unit's id; options.unit in the body goes before it.",
    kind: "text",
    when: { path: "assignment", is: "unit" },
  },
  {
    path: "balance",
    label: "Between replicas",
    hint: "Which replica of a variant answers.",
    kind: "choice",
    choices: [
      { value: "least_connections", label: "Least busy" },
      { value: "round_robin", label: "In turn" },
      { value: "power_of_two", label: "Less busy of two" },
    ],
  },
  {
    path: "timeoutMs",
    label: "Timeout, ms",
    hint: "All attempts of one request together; then it is answered 503.",
    kind: "number",
    min: 1,
    max: 600_000,
  },
  {
    path: "retries",
    label: "Retries",
    hint: "On another replica, only after failures no model answered.",
    kind: "number",
    min: 0,
    max: 5,
  },
  {
    path: "retryBudgetPercent",
    label: "Retry budget, %",
    hint: "Of the requests of the last ten seconds, so that retries never multiply a load.",
    kind: "number",
    min: 0,
    max: 100,
  },
  {
    path: "maxInFlight",
    label: "Requests at work",
    hint: "More are answered 503 at once. 0 is no limit.",
    kind: "number",
    min: 0,
    max: 100_000,
  },
  {
    path: "maxQueueMs",
    label: "Longest wait, ms",
    hint: "New requests are answered 503 when they would wait longer for their turn. 0 is no limit.",
    kind: "number",
    min: 0,
    max: 600_000,
  },
];

export const CACHE: SettingField[] = [
  {
    path: "cache.isEnabled",
    label: "Keep answers",
    hint: "Equal requests to the same version are answered from memory, with x-cache: hit.",
    kind: "switch",
  },
  {
    path: "cache.ttlSeconds",
    label: "Kept for, seconds",
    hint: "Callers who send cache-control: no-cache are always answered anew.",
    kind: "number",
    min: 1,
    max: 86_400,
    when: { path: "cache.isEnabled", is: true },
  },
  {
    path: "cache.maxBytes",
    label: "Memory, MiB",
    hint: "Of each web process; the least recently used answers go first.",
    kind: "number",
    min: 1,
    max: 1_024,
    factor: 1024 * 1024,
    when: { path: "cache.isEnabled", is: true },
  },
  {
    path: "coalesce",
    label: "Share equal requests",
    hint: "Equal requests in flight at the same time share one call of the model.",
    kind: "switch",
  },
];

export const BATCHING: SettingField[] = [
  {
    path: "mode",
    label: "Mode",
    hint: "Auto measures what calls cost and never delays a request an idle model could answer.",
    kind: "choice",
    choices: [
      { value: "auto", label: "Auto" },
      { value: "fixed", label: "Fixed" },
      { value: "off", label: "Off" },
    ],
  },
  {
    path: "maxBatchSize",
    label: "Largest batch, rows",
    hint: "Rows that run as one call; larger requests are sliced.",
    kind: "number",
    min: 1,
    max: 10_000,
  },
  {
    path: "preferredBatchSizes",
    label: "Preferred sizes",
    hint: "Batches are cut to the largest of these that is reached, like 8, 16, 32.",
    kind: "numbers",
    when: { path: "mode", is: "fixed" },
  },
  {
    path: "maxQueueDelayMicroseconds",
    label: "Delay, µs",
    hint: "How long a request may wait for neighbors while the model is idle.",
    kind: "number",
    min: 0,
    max: 1_000_000,
    when: { path: "mode", is: "fixed" },
  },
  {
    path: "maxQueueSize",
    label: "Queue, requests",
    hint: "More are answered 503 at once.",
    kind: "number",
    min: 1,
    max: 100_000,
  },
  {
    path: "queueTimeoutMs",
    label: "Time in queue, ms",
    hint: "Requests that wait longer are answered 503.",
    kind: "number",
    min: 1,
    max: 600_000,
  },
  {
    path: "allowTimeoutOverride",
    label: "Requests may wait shorter",
    hint: "The parameter timeout of a request bounds its own wait.",
    kind: "switch",
  },
  {
    path: "priorityLevels",
    label: "Priority levels",
    hint: "Requests may name a priority, 1 the highest. 0 takes no notice of them.",
    kind: "number",
    min: 0,
    max: 100,
  },
  {
    path: "defaultPriorityLevel",
    label: "Priority of the others",
    hint: "Of requests that name none. Empty is the lowest level.",
    kind: "number",
    min: 1,
    max: 100,
    nullable: true,
  },
];

export const LOGGING: SettingField[] = [
  {
    path: "sampleRate",
    label: "Share of rows kept",
    hint: "0 to 1, of answered requests. Failures are always kept, counts are always exact.",
    kind: "number",
    min: 0,
    max: 1,
    step: 0.05,
  },
  {
    path: "payload",
    label: "Keep features and predictions",
    hint: "Without them rows hold times, sizes and states alone.",
    kind: "switch",
  },
  {
    path: "keepDays",
    label: "Days in the database",
    hint: "Then rows move to archives. Empty keeps what the workspace says.",
    kind: "number",
    min: 1,
    max: 365,
    nullable: true,
  },
  {
    path: "archiveDays",
    label: "Days until archives go",
    hint: "0 archives nothing. Empty keeps what the workspace says.",
    kind: "number",
    min: 0,
    max: 36_500,
    nullable: true,
  },
];

export const PLACEMENT: SettingField[] = [
  {
    path: "nodeSelector",
    label: "Nodes with the labels",
    hint: "As zone=eu, device=cuda: a node must have all of them. Empty takes any node.",
    kind: "labels",
  },
];

/** The value at a dotted path. */
export function valueAt(object: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>(
      (value, name) =>
        typeof value === "object" && value !== null
          ? (value as Record<string, unknown>)[name]
          : undefined,
      object,
    );
}

/** A merge patch out of dotted paths and their new values. */
export function patchOf(changes: Record<string, unknown>): Record<string, unknown> {
  const patch: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(changes)) {
    const names = path.split(".");
    const last = names.pop() ?? path;
    let target = patch;
    for (const name of names) {
      target[name] ??= {};
      target = target[name] as Record<string, unknown>;
    }
    target[last] = value;
  }
  return patch;
}
