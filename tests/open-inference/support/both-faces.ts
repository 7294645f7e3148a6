import { status } from "@grpc/grpc-js";
import type { BothServers } from "./start-servers";

/** An inference request, apart from any wire format. */
export interface Asked {
  model?: string;
  version?: string;
  id?: string;
  parameters?: Record<string, string | number | boolean>;
  inputs: {
    name: string;
    datatype: string;
    shape: (number | string)[];
    data?: unknown[];
    parameters?: Record<string, string | number | boolean>;
  }[];
  outputs?: { name: string; parameters?: Record<string, string | number | boolean> }[];
}

export type Outcome =
  | "ok"
  | "invalid"
  | "not_found"
  | "too_large"
  | "unsupported"
  | "unavailable"
  | "other";

export interface Told {
  outcome: Outcome;
  /** Why not, where it was refused. */
  message: string;
  id?: unknown;
  /** Elements of each output, by its name. */
  outputs: Record<string, unknown[]>;
  parameters: unknown;
}

const OF_HTTP: Record<number, Outcome> = {
  200: "ok",
  400: "invalid",
  404: "not_found",
  413: "too_large",
  501: "unsupported",
  503: "unavailable",
};
const OF_GRPC: Record<number, Outcome> = {
  [status.OK]: "ok",
  [status.INVALID_ARGUMENT]: "invalid",
  [status.NOT_FOUND]: "not_found",
  [status.RESOURCE_EXHAUSTED]: "too_large",
  [status.UNIMPLEMENTED]: "unsupported",
  [status.UNAVAILABLE]: "unavailable",
};

export type Face = (asked: Asked) => Promise<Told>;

/** Asks over REST, in JSON. */
export const overRest =
  (server: BothServers, key: string): Face =>
  async ({ model = "slope", version, ...asked }) => {
    const path = version === undefined ? "" : `/versions/${encodeURIComponent(version)}`;
    const url = `${server.url}/v2/models/${encodeURIComponent(model)}${path}/infer`;
    const reply = await fetch(url, {
      method: "POST",
      headers: { authorization: `Bearer ${key}` },
      body: JSON.stringify(asked),
    });
    const body = (await reply.json()) as Record<string, unknown>;
    const outputs = (body.outputs ?? []) as { name: string; data: unknown[] }[];
    return {
      outcome: OF_HTTP[reply.status] ?? "other",
      message: String(body.error ?? ""),
      id: body.id,
      outputs: Object.fromEntries(outputs.map((one) => [one.name, one.data.map(asNumber)])),
      parameters: body.parameters,
    };
  };

/** JSON has no NaN: it travels as text. */
const asNumber = (value: unknown): unknown =>
  value === "NaN" || value === "Infinity" || value === "-Infinity" ? Number(value) : value;

const FIELDS: Record<string, string> = {
  BOOL: "bool_contents",
  INT32: "int_contents",
  INT64: "int64_contents",
  FP32: "fp32_contents",
  FP64: "fp64_contents",
  BYTES: "bytes_contents",
  FP16: "uint_contents",
};

/** Asks over gRPC, in typed contents. */
export const overGrpc =
  (server: BothServers, key: string): Face =>
  async ({ model = "slope", version = "", id = "", ...asked }) => {
    const inputs = asked.inputs.map(({ data, parameters, ...input }) => ({
      ...input,
      parameters: parametersOf(parameters),
      contents: contentsOf(input.datatype, data),
    }));
    const { code, details, body } = await server.grpc.infer(
      {
        model_name: model,
        model_version: version,
        id,
        parameters: parametersOf(asked.parameters),
        inputs,
        outputs: (asked.outputs ?? []).map((one) => ({
          name: one.name,
          parameters: parametersOf(one.parameters),
        })),
      },
      { key },
    );
    const outputs = (body.outputs ?? []) as {
      name: string;
      contents: Record<string, unknown[]>;
    }[];
    const elements = (contents: Record<string, unknown[]> | null) =>
      Object.values(contents ?? {}).find((one) => one.length > 0) ?? [];
    const given = Object.entries((body.parameters ?? {}) as Record<string, object>);
    return {
      outcome: OF_GRPC[code] ?? "other",
      message: details,
      id: body.id || undefined,
      outputs: Object.fromEntries(outputs.map((one) => [one.name, elements(one.contents)])),
      parameters: Object.fromEntries(
        given.map(([name, value]) => [name, Object.values(value)[0] as unknown]),
      ),
    };
  };

function contentsOf(datatype: string, data: unknown[] | undefined) {
  if (data === undefined) return undefined;
  const field = FIELDS[datatype] ?? "fp32_contents";
  const elements = datatype === "BYTES" ? data.map((one) => Buffer.from(String(one))) : data;
  return { [field]: elements };
}

function parametersOf(parameters: Record<string, string | number | boolean> = {}) {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => {
      if (typeof value === "boolean") return [name, { bool_param: value }];
      if (typeof value === "string") return [name, { string_param: value }];
      const field = Number.isInteger(value) ? "int64_param" : "double_param";
      return [name, { [field]: value }];
    }),
  );
}
