import { readFile } from "node:fs/promises";
import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createHostCheck } from "@/server/web/allowed-hosts";
import { createWebServer, listen } from "@/server/web/create-web-server";

const cookie = "next-auth.session-token=abc";
const servers: { close(): void; closeAllConnections(): void }[] = [];
let plain: string;
let tls: string;
beforeAll(async () => {
  const lanes = {
    api: () => new Response("api"),
    pages: (req: { headers: Record<string, unknown> }, res: { end(text: string): void }) =>
      res.end(`page ${req.headers["x-nonce"]} ${req.headers["content-security-policy"]}`),
  };
  const start = async (settings: Parameters<typeof createWebServer>[1]) => {
    const server = createWebServer(lanes as never, settings);
    servers.push(server);
    return `http://127.0.0.1:${await listen(server, "127.0.0.1", 0)}`;
  };
  plain = await start({ HOST: "127.0.0.1", ALLOWED_HOSTS: "models.example, other.example" });
  tls = await start({ HOST: "0.0.0.0", MODELYARD_URL: "https://yard.example" });
});
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

function send(
  base: string,
  method: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const url = new URL(base);
    const call = request({ host: url.hostname, port: url.port, path, method, headers }, (reply) => {
      let text = "";
      reply.on("data", (chunk) => {
        text += String(chunk);
      });
      reply.on("end", () =>
        resolve({ status: reply.statusCode ?? 0, headers: reply.headers, text }),
      );
    });
    call.on("error", reject);
    call.end();
  });
}

const COOKIE_PATHS = [
  "/",
  "/default/registry",
  "/api/trpc/x.y",
  "/api/v1/models",
  "/signin/link",
  "/api/auth/session",
];
const VERBS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

describe("the Host header", () => {
  it.each(COOKIE_PATHS)("of a stranger is refused on %s, whatever the verb", async (path) => {
    for (const method of VERBS) {
      for (const host of [
        "evil.example",
        "evil-models.example",
        "models.example.evil.example",
        "x@127.0.0.1",
      ]) {
        const { status } = await send(plain, method, path, { host, cookie });
        expect([405, 421], `${method} ${path} ${host}`).toContain(status);
      }
    }
  });

  it.each([
    "127.0.0.1",
    "localhost:3000",
    "a.localhost",
    "[::1]:3000",
    "models.example",
    "OTHER.example:80",
    "10.1.2.3:80",
  ])("%s is served", async (host) => {
    expect((await send(plain, "GET", "/default", { host, cookie })).status).toBe(200);
  });

  it("means nothing to a machine with an API key, which may ask by any name", async () => {
    const { status } = await send(plain, "GET", "/api/v1/models", {
      host: "web",
      authorization: "Bearer x",
    });
    expect(status).toBe(200);
  });

  it("is checked by the public address, too", () => {
    const check = createHostCheck({ HOST: "0.0.0.0", MODELYARD_URL: "https://yard.example:8443" });
    expect(check("yard.example:8443")).toBe(true);
    expect(check("yard.example.")).toBe(false);
    expect(check(undefined)).toBe(false);
    expect(check("")).toBe(false);
  });
});

describe("the Origin header", () => {
  const own = { host: "models.example", cookie };

  it.each(["POST", "PUT", "PATCH", "DELETE"])(
    "of another site is refused for a %s",
    async (method) => {
      for (const path of ["/api/trpc/x.y", "/api/v1/models", "/signin/link", "/api/auth/signout"]) {
        for (const origin of [
          "https://evil.example",
          "http://evil-models.example",
          "null",
          "http://models.example.evil.example",
        ]) {
          const { status } = await send(plain, method, path, { ...own, origin });
          expect(status, `${method} ${path} ${origin}`).toBe(403);
        }
      }
    },
  );

  it("may not be missing where a cookie speaks", async () => {
    expect((await send(plain, "POST", "/api/v1/models", own)).status).toBe(403);
    expect((await send(plain, "POST", "/api/auth/signout", own)).status).toBe(403);
  });

  it("of our own pages passes", async () => {
    const headers = { ...own, origin: "http://models.example" };
    expect((await send(plain, "POST", "/api/v1/models", headers)).status).toBe(200);
    const behindProxy = { host: "10.0.0.1:3000", cookie, origin: "https://yard.example" };
    expect((await send(tls, "POST", "/api/v1/models", behindProxy)).status).toBe(200);
  });
});

describe("what is not there", () => {
  it("the image optimizer answers 404", async () => {
    expect((await send(plain, "GET", "/_next/image?url=%2Ficon.svg&w=64&q=75")).status).toBe(404);
  });

  it.each(["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])(
    "pages answer %s with 405",
    async (method) => {
      const { status, headers } = await send(plain, method, "/default/registry", {
        "next-action": "abc",
      });
      expect(status).toBe(405);
      expect(headers.allow).toBe("GET, HEAD");
    },
  );

  it("an address in place of a path is refused", async () => {
    expect((await send(plain, "GET", "http://127.0.0.1:22/x")).status).toBe(400);
  });

  it("a build has no server action and no middleware", async () => {
    const read = (path: string) => readFile(path, "utf8").catch(() => undefined);
    const actions = await read(".next/server/server-reference-manifest.json");
    if (actions) expect(JSON.parse(actions)).toMatchObject({ node: {}, edge: {} });
    if (actions)
      expect(Object.keys({ ...JSON.parse(actions).node, ...JSON.parse(actions).edge })).toEqual([]);
    for (const name of ["middleware.ts", "proxy.ts", "src/middleware.ts", "src/proxy.ts"]) {
      expect(await read(name)).toBeUndefined();
    }
  });
});

describe("what browsers are told", () => {
  it.each(["/api/v1/models", "/default", "/_next/static/x.js"])("on %s", async (path) => {
    const { headers } = await send(plain, "GET", path);
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "referrer-policy": "same-origin",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      "permissions-policy": expect.stringContaining("camera=()"),
      "content-security-policy": expect.stringContaining("frame-ancestors 'none'"),
    });
    expect(headers["strict-transport-security"]).toBeUndefined();
  });

  it("to stay with TLS where the product is served over it", async () => {
    const { headers } = await send(tls, "GET", "/api/v1/models");
    expect(headers["strict-transport-security"]).toContain("max-age=");
  });

  it("a nonce of its own for each page, never one the caller chose", async () => {
    const forged = { "x-nonce": "mine", "content-security-policy": "script-src 'nonce-mine'" };
    const pages = await Promise.all([0, 1].map(() => send(plain, "GET", "/default", forged)));
    const nonces = pages.map(({ headers, text }) => {
      const policy = String(headers["content-security-policy"]);
      const nonce = /script-src 'nonce-([\w+/=]{24})' 'strict-dynamic'/.exec(policy)?.[1];
      expect(text).toBe(`page ${nonce} ${policy}`);
      return nonce;
    });
    expect(nonces[0]).not.toBe(nonces[1]);
    expect(String(pages[0]?.headers["content-security-policy"])).not.toMatch(
      /script-src[^;]*unsafe/,
    );
  });
});
