import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createOutbound, type Resolve } from "@/server/kernel/outbound";
import { refusedAddresses } from "./refused-addresses";

let canary: Server;
let port: number;
let hits = 0;
beforeAll(async () => {
  canary = createServer((req, res) => {
    hits += 1;
    if (req.url === "/big") return res.end(Buffer.alloc(4096));
    if (req.url === "/slow") return setTimeout(() => res.end("late"), 3_000);
    if (req.url === "/redirect") return res.writeHead(302, { location: "/" }).end();
    res.end("canary");
  });
  await new Promise<void>((done) => canary.listen(0, "127.0.0.1", done));
  port = (canary.address() as AddressInfo).port;
});
afterAll(() => {
  canary.closeAllConnections();
  canary.close();
});

const answering =
  (...addresses: string[]): Resolve =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));

describe("a closed outbound guard", () => {
  const closed = createOutbound({ allowPrivate: false });

  it("refuses every spelling of an address that is not on the public internet, and connects to none", async () => {
    const spellings = refusedAddresses(port);
    expect(spellings.length).toBeGreaterThanOrEqual(200);
    const before = hits;
    const let_through: string[] = [];
    for (const url of spellings) {
      const error = await closed.request(url, { timeoutMs: 500 }).catch((one: unknown) => one);
      const code = (error as { code?: string }).code;
      // A name that does not resolve is away; everything else is refused by the guard itself.
      if (code !== "validation_failed" && code !== "unavailable") let_through.push(url);
    }
    expect(let_through).toEqual([]);
    expect(hits).toBe(before);
  });

  it.each([
    ["one loopback address", ["127.0.0.1"]],
    ["a public address and a loopback one", ["93.184.216.34", "127.0.0.1"]],
    ["the metadata of a cloud", ["169.254.169.254"]],
    ["IPv4 inside IPv6", ["::ffff:127.0.0.1"]],
    ["NAT64", ["64:ff9b::7f00:1"]],
    ["a private IPv6", ["fd12:3456::1"]],
    ["nothing", []],
  ])("refuses a name that resolves to %s", async (_what, addresses) => {
    const guard = createOutbound({ allowPrivate: false, resolve: answering(...addresses) });
    await expect(guard.request("https://provider.example.com/")).rejects.toMatchObject({
      code: "validation_failed",
    });
  });

  it("asks the name server once, so a second answer cannot differ", async () => {
    let asked = 0;
    const resolve: Resolve = async () => {
      asked += 1;
      return [{ address: asked === 1 ? "192.0.43.8" : "127.0.0.1", family: 4 }];
    };
    const before = hits;
    const guard = createOutbound({ allowPrivate: false, resolve });
    await guard
      .request("https://rebinding.example.com/", { timeoutMs: 300 })
      .catch(() => undefined);
    expect(asked).toBe(1);
    expect(hits).toBe(before);
  });

  it("refuses by every address when a library makes the socket", async () => {
    const guard = createOutbound({
      allowPrivate: false,
      resolve: answering("8.8.8.8", "10.0.0.1"),
    });
    const error = await new Promise((done) => guard.lookup("x.example.com", { all: true }, done));
    expect(error).toMatchObject({ code: "validation_failed" });
  });
});

describe("a guard open to private addresses", () => {
  const open = createOutbound({ allowPrivate: true });
  const url = (path: string) => `http://127.0.0.1:${port}${path}`;

  it("reaches loopback over http", async () => {
    const reply = await open.request(url("/"));
    expect([reply.status, reply.body.toString()]).toEqual([200, "canary"]);
  });

  it("follows no redirect", async () => {
    expect((await open.request(url("/redirect"))).status).toBe(302);
  });

  it("gives up on answers that are too large or too late", async () => {
    await expect(open.request(url("/big"), { limitBytes: 100 })).rejects.toMatchObject({
      code: "unavailable",
    });
    await expect(open.request(url("/slow"), { timeoutMs: 200 })).rejects.toMatchObject({
      code: "unavailable",
    });
  });

  it("still refuses metadata addresses, and http beyond loopback", async () => {
    for (const bad of [
      "http://169.254.169.254/latest",
      "https://[fe80::1]/",
      "https://[fd00:ec2::254]/",
      "http://192.168.1.1/",
      "file:///etc/passwd",
      "http://user:secret@127.0.0.1/",
    ]) {
      await expect(open.request(bad)).rejects.toMatchObject({ code: "validation_failed" });
    }
  });
});
