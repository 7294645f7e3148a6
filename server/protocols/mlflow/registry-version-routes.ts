import {
  deleteVersion,
  deleteVersionTag,
  getRegisteredVersion,
  registerFromSource,
  searchRegisteredVersions,
  setVersionTag,
  updateVersion,
} from "@/server/registry";
import { entries, toEntries } from "./common-fields";
import { defineMlflowRoute } from "./contract";
import { invalidParameter } from "./errors";
import { id, int64, list, required, str } from "./fields";
import { inWords, modelNamed, versionNamed } from "./registry-names";
import { MODEL_VERSIONS_PAGE, pageLimit } from "./registry-paging";
import { downloadUri, toWireVersion } from "./registry-wire";
import { listed } from "./wire";

const ref = { name: required(str), version: required(id) };

/** Characters of a prompt. */
const PROMPT_MAX = 100_000;

/** Clients keep a prompt's text among its tags; one that is too long is told by what it is. */
function shortPrompt<T extends { key: string; value: string }>(tags: T[]): T[] {
  const text = tags.find(({ key }) => key === "mlflow.prompt.text")?.value ?? "";
  if (text.length <= PROMPT_MAX) return tags;
  throw invalidParameter(`Prompt text exceeds max length of ${PROMPT_MAX} characters.`);
}

export const registryVersionRoutes = [
  defineMlflowRoute({
    methods: ["POST"],
    path: "/model-versions/create",
    permission: "models:write",
    fields: {
      name: required(str),
      source: required(str),
      run_id: str,
      tags: entries,
      run_link: str,
      description: str,
      model_id: str,
    },
    handler: async ({ ctx, body }) => {
      const version = await inWords({ name: body.name }, () =>
        registerFromSource(ctx, {
          ...modelNamed(body.name),
          source: body.source,
          run: body.run_id,
          loggedModelId: body.model_id,
          runLink: body.run_link,
          description: body.description,
          tags: shortPrompt(toEntries(body.tags)),
        }),
      );
      return { model_version: toWireVersion(version) };
    },
  }),
  defineMlflowRoute({
    methods: ["PATCH"],
    path: "/model-versions/update",
    permission: "models:write",
    fields: { ...ref, description: str },
    handler: async ({ ctx, body }) => {
      const { description } = body;
      const { id: version, modelId } = await inWords(body, () =>
        updateVersion(ctx, { ...versionNamed(body.name, body.version), description }),
      );
      const found = await getRegisteredVersion(ctx, { model: modelId, version });
      return { model_version: toWireVersion(found) };
    },
  }),
  defineMlflowRoute({
    methods: ["DELETE"],
    path: "/model-versions/delete",
    permission: "models:write",
    fields: ref,
    handler: async ({ ctx, body }) => {
      await inWords(body, () => deleteVersion(ctx, versionNamed(body.name, body.version)));
      return {};
    },
  }),
  defineMlflowRoute({
    methods: ["GET"],
    path: "/model-versions/get",
    permission: "models:read",
    fields: ref,
    handler: async ({ ctx, body }) => {
      const version = await inWords(body, () =>
        getRegisteredVersion(ctx, versionNamed(body.name, body.version)),
      );
      return { model_version: toWireVersion(version) };
    },
  }),
  defineMlflowRoute({
    methods: ["GET"],
    path: "/model-versions/search",
    permission: "models:read",
    fields: { filter: str, max_results: int64, order_by: list(str), page_token: str },
    handler: async ({ ctx, body }) => {
      const page = await searchRegisteredVersions(ctx, {
        filter: body.filter,
        orderBy: body.order_by,
        limit: pageLimit(body.max_results, MODEL_VERSIONS_PAGE),
        ...(body.page_token ? { cursor: body.page_token } : {}),
      });
      return {
        ...listed("model_versions", page.items.map(toWireVersion)),
        ...(page.nextCursor ? { next_page_token: page.nextCursor } : {}),
      };
    },
  }),
  defineMlflowRoute({
    methods: ["GET"],
    path: "/model-versions/get-download-uri",
    permission: "models:read",
    fields: ref,
    handler: async ({ ctx, body }) => {
      const version = await inWords(body, () =>
        getRegisteredVersion(ctx, versionNamed(body.name, body.version)),
      );
      return { artifact_uri: downloadUri(version) };
    },
  }),
  defineMlflowRoute({
    methods: ["POST"],
    path: "/model-versions/set-tag",
    permission: "models:write",
    fields: { ...ref, key: required(str), value: str },
    handler: async ({ ctx, body }) => {
      const { key, value = "" } = body;
      const named = versionNamed(body.name, body.version);
      await inWords(body, () => setVersionTag(ctx, { ...named, key, value }));
      return {};
    },
  }),
  defineMlflowRoute({
    methods: ["DELETE"],
    path: "/model-versions/delete-tag",
    permission: "models:write",
    fields: { ...ref, key: required(str) },
    handler: async ({ ctx, body }) => {
      const named = versionNamed(body.name, body.version);
      await inWords(body, () => deleteVersionTag(ctx, { ...named, key: body.key }));
      return {};
    },
  }),
];
