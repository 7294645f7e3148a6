import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Hono } from "hono";
import { pagePolicy } from "@/server/web/security-headers";
import type { HttpBindings } from "./mount-routes";
import { createOpenApi } from "./openapi";
import { restRoutes } from "./routes";

const page = (nonce: string) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Modelyard API</title>
</head>
<body>
<script nonce="${nonce}" id="api-reference" data-url="/openapi.json" data-configuration='{"withDefaultFonts":false,"hideClientButton":true,"telemetry":false}'></script>
<script nonce="${nonce}" src="/docs/api/reference.js"></script>
</body>
</html>
`;

/** `/docs/api`: the OpenAPI document shown with Scalar, its program shipped from the npm package. */
export function mountDocs(app: Hono<HttpBindings>): void {
  let document: string | undefined;
  app.get("/docs/api", (http) => {
    const { nonce, policy } = pagePolicy({ isDev: false, isSignIn: false });
    http.header("content-security-policy", policy);
    return http.html(page(nonce));
  });
  app.get("/openapi.json", (http) => {
    document ??= JSON.stringify(createOpenApi(restRoutes));
    return http.body(document, 200, { "content-type": "application/json" });
  });
  app.get("/docs/api/reference.js", async (http) => {
    const entry = createRequire(import.meta.url).resolve("@scalar/api-reference");
    const file = join(dirname(entry), "browser", "standalone.js");
    return http.body(await readFile(file), 200, {
      "content-type": "text/javascript",
      "cache-control": "public, max-age=86400",
    });
  });
}
