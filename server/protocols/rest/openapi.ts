import { z } from "zod";
import { createDocument, type ZodOpenApiPathsObject } from "zod-openapi";
import { type AnyRoute, createsSomething } from "./contract";

const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string().describe("What to do about it."),
    code: z.string(),
    requestId: z.string(),
    issues: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: "Problem", description: "RFC 9457 problem details." });

const idempotencyHeader = z.object({
  "Idempotency-Key": z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe(
      "A random UUID: for a day the first answer to it is given again, nothing is made twice.",
    ),
});

const errorReply = (description: string) => ({
  description,
  content: { "application/problem+json": { schema: problem } },
});

/** The OpenAPI 3.1 document of the REST routes, made from their contracts. */
export function createOpenApi(routes: AnyRoute[]) {
  const paths: ZodOpenApiPathsObject = {};
  for (const route of routes) {
    const path = `/api/v1${route.path.replaceAll("+}", "}")}`;
    paths[path] = { ...paths[path], [route.method]: operation(route) };
  }
  return createDocument({
    openapi: "3.1.0",
    info: {
      title: "Modelyard",
      version: "0.1.0",
      description:
        "Build, register, launch and watch machine-learning models. Send `Authorization: Bearer <API key>`.",
      license: { name: "MIT", identifier: "MIT" },
    },
    components: { securitySchemes: { apiKey: { type: "http", scheme: "bearer" } } },
    security: [{ apiKey: [] }],
    paths,
  });
}

function operation(route: AnyRoute): ZodOpenApiPathsObject[string]["get"] {
  const body = route.body
    ? { content: { "application/json": { schema: route.body } } }
    : route.streamBody
      ? { content: { [route.streamBody.contentType]: { schema: route.streamBody.schema } } }
      : undefined;
  const content = route.reply
    ? { content: { [route.replyContentType ?? "application/json"]: { schema: route.reply } } }
    : route.replyContentType
      ? { content: { [route.replyContentType]: { schema: z.string() } } }
      : {};
  const permission = route.permission ? `Permission: \`${route.permission}\`.` : "";
  return {
    operationId: route.operationId,
    summary: route.summary,
    description: [route.description, permission].filter(Boolean).join("\n\n"),
    tags: [route.tag],
    ...(route.permission ? {} : { security: [] }),
    requestParams: {
      ...(route.params ? { path: route.params } : {}),
      ...(route.query ? { query: route.query } : {}),
      ...(createsSomething(route) ? { header: idempotencyHeader } : {}),
    },
    ...(body ? { requestBody: { required: true, ...body } } : {}),
    responses: {
      [route.status]: { description: route.summary, ...content },
      "401": errorReply("No or wrong credentials."),
      "403": errorReply("The role does not allow it."),
      "422": errorReply("The input is not valid."),
      "429": errorReply("Too many requests; Retry-After says when to come back."),
    },
  };
}
