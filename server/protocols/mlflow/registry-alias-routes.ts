import { AppError } from "@/server/kernel/errors";
import { deleteAlias, getRegisteredVersion, setAlias } from "@/server/registry";
import { defineMlflowRoute } from "./contract";
import { invalidParameter } from "./errors";
import { id, required, str } from "./fields";
import { inWords, modelNamed, versionNamed } from "./registry-names";
import { toWireVersion } from "./registry-wire";

const fields = { name: required(str), alias: required(str) };
const path = "/registered-models/alias";

export const registryAliasRoutes = [
  defineMlflowRoute({
    methods: ["POST"],
    path,
    permission: "models:write",
    fields: { ...fields, version: required(id) },
    handler: async ({ ctx, body }) => {
      const { name, alias, version } = body;
      await inWords(body, () => setAlias(ctx, { ...versionNamed(name, version), alias }));
      return {};
    },
  }),
  defineMlflowRoute({
    methods: ["DELETE"],
    path,
    permission: "models:write",
    fields,
    handler: async ({ ctx, body }) => {
      const { name, alias } = body;
      await inWords(body, () => deleteAlias(ctx, { ...modelNamed(name), alias }));
      return {};
    },
  }),
  defineMlflowRoute({
    methods: ["GET"],
    path,
    permission: "models:read",
    fields,
    handler: async ({ ctx, body }) => {
      const { name, alias } = body;
      const version = alias.toLowerCase() === "latest" ? "latest" : `@${alias}`;
      const found = await inWords(body, () =>
        getRegisteredVersion(ctx, { ...modelNamed(name), version }).catch(asMissingAlias(alias)),
      );
      return { model_version: toWireVersion(found) };
    },
  }),
];

/** An unknown alias of a model that is there is a wrong parameter to clients. */
const asMissingAlias = (alias: string) => (error: unknown) => {
  const missing = error instanceof AppError && error.message.startsWith("The version does");
  if (missing) throw invalidParameter(`Registered model alias ${alias} not found.`);
  throw error;
};
