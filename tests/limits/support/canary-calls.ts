import { randomUUID } from "node:crypto";
import { restRoutes } from "@/server/protocols/rest/routes";
import { type JsonSchema, jsonSchemaOf } from "../../fuzz/support/schema-arbitrary";
import type { Things } from "../../tenancy/support/populated";
import { type ListedRoute, listRoutes } from "../../tenancy/support/routes";
import { fillPath } from "../../tenancy/support/send-route";

/** What nobody but its receiver may ever read; each by the place it is put in. */
export const SECRETS = {
  bearer: "mdy_canaryBearer1_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  basic: "canary-basic-password-5521",
  cookie: "canary-cookie-8841-aaaaaaaaaaaaaaaaaa",
  jwt: "eyJhbGciOiJub25lIn0.eyJzdWIiOiJjYW5hcnkifQ.canary-signature-77",
  strange: "canary-strange-header-9923",
  once: "canary-idempotency-4471",
  clientSecret: "canary-client-secret-6105",
  urlPassword: "canary-url-password-3358",
};
/** Text of people: their own answers may repeat it, no log may. */
export const FIELD = "canaryfield4402";

const HEADERS = {
  "x-anything": SECRETS.strange,
  "x-api-key": SECRETS.strange,
  "proxy-authorization": `Basic ${SECRETS.strange}`,
  "x-forwarded-authorization": SECRETS.strange,
  "user-agent": SECRETS.strange,
  referer: `https://u:${SECRETS.urlPassword}@example.org/`,
};

const CREDENTIALS: Record<string, string>[] = [
  { authorization: `Bearer ${SECRETS.bearer}` },
  { authorization: `Basic ${Buffer.from(`u:${SECRETS.basic}`).toString("base64")}` },
  { authorization: `Bearer ${SECRETS.jwt}` },
  { cookie: `next-auth.session-token=${SECRETS.cookie}`, "x-modelyard-workspace": "w" },
];

export interface CanaryCall {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | undefined;
}

/** A value for every member a schema knows, canaries wherever text may stand. */
function filled(schema: JsonSchema, name = ""): unknown {
  const options = schema.anyOf ?? schema.oneOf;
  if (options) return filled(options.find((one) => one.type !== "null") ?? {}, name);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.type === "object" || schema.properties) {
    const members = Object.entries(schema.properties ?? {});
    return Object.fromEntries(members.map(([key, one]) => [key, filled(one, key)]));
  }
  if (schema.type === "array") return [filled(schema.items ?? {}, name)];
  if (schema.type === "integer" || schema.type === "number") return schema.minimum ?? 1;
  if (schema.type === "boolean") return true;
  if (/secret|password|token/i.test(name)) return SECRETS.clientSecret;
  if (/url|uri|issuer/i.test(name)) return `https://u:${SECRETS.urlPassword}@127.0.0.1:1/x`;
  return FIELD;
}

function bodyOf(route: ListedRoute): string {
  const contract = restRoutes.find(
    (one) => route.adapter === "REST" && one.operationId === route.name,
  );
  if (contract) return JSON.stringify(filled(jsonSchemaOf(contract.body)));
  const names = ["name", "key", "value", "run_id", "experiment_id", "filter", "token", "input"];
  return JSON.stringify(Object.fromEntries(names.map((name) => [name, FIELD])));
}

const ENDS = /archive|erase|signOut/i;

/** Every route, with each wrong credential and with a good one; secrets in headers and fields of all. */
export function canaryCalls(things: Things, good: string): CanaryCall[] {
  return listRoutes()
    .filter(({ name, path }) => !ENDS.test(name) && !/live|changes|follow|stream/.test(path + name))
    .flatMap((route) => {
      const writes = !["GET", "HEAD"].includes(route.method);
      const credentials = [...CREDENTIALS, { authorization: `Bearer ${good}` }];
      return credentials.map((credential, at) => ({
        method: route.method,
        path: `${fillPath(route, things)}?token=${SECRETS.urlPassword}&password=${SECRETS.urlPassword}`,
        headers: {
          ...HEADERS,
          ...credential,
          // Each from an address of its own: wrong credentials are counted by address.
          "x-forwarded-for": `10.${at}.${Math.floor(Math.random() * 250)}.${Math.floor(Math.random() * 250)}`,
          ...(writes
            ? {
                "content-type": "application/json",
                "idempotency-key": `${SECRETS.once}-${randomUUID()}`,
              }
            : {}),
        },
        body: writes ? bodyOf(route) : undefined,
      }));
    });
}

/** The canaries that stand in a text, by name. */
export const leaksIn = (text: string, canaries: Record<string, string>): string[] =>
  Object.entries(canaries)
    .filter(([, canary]) => text.includes(canary))
    .map(([name]) => name);
