import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openObject } from "@/server/artifacts";
import {
  createRun,
  deleteRun,
  deleteRunArtifacts,
  getRun,
  listRunArtifacts,
  openRunArtifact,
  putRunArtifact,
} from "@/server/experiments";
import { artifactPathProblem } from "@/server/experiments/entry-names";
import type { Context } from "@/server/kernel/context";
import { asOwner } from "../support/database";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";

let world: TestWorld;
let a: TestWorkspace;
let b: TestWorkspace;
let owner: { kind: "run"; id: string };
beforeAll(async () => {
  world = await createTestWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  a = await world.workspace();
  b = await world.workspace();
  owner = { kind: "run", id: (await createRun(a.as("admin"), {})).id };
});

const put = (ctx: Context, path: string, content = path) =>
  putRunArtifact(ctx, { owner, path, content: Readable.from([Buffer.from(content)]) });

const read = async (path: string) =>
  text(await openObject(a.as("viewer"), await openRunArtifact(a.as("viewer"), { owner, path })));

describe("putRunArtifact", () => {
  it("stores a file under its path, replaces it, and leaves audit rows", async () => {
    const made = await put(a.as("data_scientist"), "model/ñandú x.txt", "one");
    expect(made).toMatchObject({ path: "model/ñandú x.txt", sizeBytes: 3 });
    await put(a.as("data_scientist"), "model/ñandú x.txt", "two!");
    expect(await read("model/ñandú x.txt")).toBe("two!");
    expect((await getRun(a.as("viewer"), { runId: owner.id })).counts.artifacts).toBe(1);
    const actions = await asOwner<{ action: string }>(
      world.db.ownerUrl,
      "select action from audit_log where workspace_id = $1 and action like 'artifact%'",
      [a.id],
    );
    expect(actions).toHaveLength(2);
  });

  it("finds no run from another workspace and reads none of the body", async () => {
    let touched = false;
    const content = new Readable({
      read() {
        touched = true;
        this.push(null);
      },
    });
    await expect(
      putRunArtifact(b.as("admin"), { owner, path: "x", content }),
    ).rejects.toMatchObject({ code: "not_found" });
    expect(touched).toBe(false);
  });

  it("refuses a viewer", async () => {
    await expect(put(a.as("viewer"), "x")).rejects.toMatchObject({ code: "forbidden" });
  });

  it("answers conflict for a deleted run and where a file would have to be a folder", async () => {
    await put(a.as("admin"), "a/b");
    for (const path of ["a", "a/b/c"]) {
      await expect(put(a.as("admin"), path)).rejects.toMatchObject({ code: "conflict" });
    }
    await put(a.as("admin"), "a/bc");
    await deleteRun(a.as("admin"), { runId: owner.id });
    await expect(put(a.as("admin"), "z")).rejects.toMatchObject({ code: "conflict" });
  });

  it("refuses one byte more than the limit and keeps nothing of it", async () => {
    const send = (bytes: number) =>
      putRunArtifact(a.as("admin"), {
        owner,
        path: "big",
        content: Readable.from([Buffer.alloc(bytes)]),
        limitBytes: 1000,
      });
    await expect(send(1001)).rejects.toMatchObject({ code: "payload_too_large" });
    expect((await listRunArtifacts(a.as("viewer"), { owner })).items).toEqual([]);
    await expect(send(1000)).resolves.toMatchObject({ sizeBytes: 1000 });
  });

  it("keeps no row when the sender leaves half way", async () => {
    const content = new Readable({
      read() {
        this.push(Buffer.alloc(10));
        this.destroy(new Error("gone"));
      },
    });
    await expect(putRunArtifact(a.as("admin"), { owner, path: "half", content })).rejects.toThrow(
      "gone",
    );
    await expect(openRunArtifact(a.as("admin"), { owner, path: "half" })).rejects.toMatchObject({
      code: "not_found",
    });
  });
});

describe("the path of an artifact", () => {
  const bad = [
    "",
    ".",
    "..",
    "../x",
    "a/../b",
    "a/..",
    "/etc/passwd",
    "a//b",
    "a/",
    "./a",
    "a\\b",
    "C:/x",
    "c:x",
    "a\0b",
    "a\nb",
    "%2e%2e/x",
    "a%2Fb",
    "a%5cb",
    "%252e",
    "x".repeat(1001),
  ];
  it("is refused by every verb when it is not plain and relative", async () => {
    for (const path of bad) {
      await expect(put(a.as("admin"), path), path).rejects.toThrow();
      await expect(openRunArtifact(a.as("admin"), { owner, path }), path).rejects.toThrow();
      if (path === "") continue;
      await expect(listRunArtifacts(a.as("admin"), { owner, path }), path).rejects.toThrow();
      await expect(deleteRunArtifacts(a.as("admin"), { owner, path }), path).rejects.toThrow();
    }
  });

  it("never resolves to a place outside when it is accepted, whatever is sent", () => {
    const piece = fc.oneof(
      fc.string({ maxLength: 5 }),
      fc.constantFrom("..", ".", "%2e", "%2f", "\\", "/", "a", "é", "..a", "a.."),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), fc.constantFrom("/", ""), (parts, joint) => {
        const path = parts.join(joint);
        if (artifactPathProblem(path) !== null) return;
        const { pathname } = new URL(
          `http://h/root/${path.split("/").map(encodeURIComponent).join("/")}`,
        );
        expect(pathname.startsWith("/root/")).toBe(true);
        expect(decodeURIComponent(pathname)).toBe(`/root/${path.toWellFormed()}`);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("listRunArtifacts", () => {
  it("shows one level: folders without and files with their size", async () => {
    for (const path of ["b.txt", "dir/one", "dir/sub/two", "dir.txt", "é/x"]) {
      await put(a.as("admin"), path);
    }
    const names = async (path?: string) =>
      (await listRunArtifacts(a.as("viewer"), { owner, path })).items.map(
        (item) => `${item.path}${item.isDirectory ? "/" : `:${item.sizeBytes}`}`,
      );
    expect((await names()).toSorted()).toEqual(["b.txt:5", "dir.txt:7", "dir/", "é/"].toSorted());
    expect(await names("dir")).toEqual(["dir/one:7", "dir/sub/"]);
    expect(await names("é")).toEqual(["é/x:4"]);
    expect(await names("b.txt")).toEqual([]);
    expect(await names("nothing")).toEqual([]);
  });

  it("finds nothing from another workspace", async () => {
    await expect(listRunArtifacts(b.as("admin"), { owner })).rejects.toMatchObject({
      code: "not_found",
    });
    await expect(openRunArtifact(b.as("admin"), { owner, path: "x" })).rejects.toMatchObject({
      code: "not_found",
    });
  });
});

describe("deleteRunArtifacts", () => {
  it("removes a file, a folder, everything, and leaves what only begins alike", async () => {
    for (const path of ["dir/one", "dir/sub/two", "dir2/x", "f"]) await put(a.as("admin"), path);
    const left = async () =>
      (await listRunArtifacts(a.as("viewer"), { owner })).items.map((item) => item.path);
    await deleteRunArtifacts(a.as("data_scientist"), { owner, path: "dir" });
    expect(await left()).toEqual(["dir2", "f"]);
    await deleteRunArtifacts(a.as("data_scientist"), { owner, path: "f" });
    expect(await left()).toEqual(["dir2"]);
    await deleteRunArtifacts(a.as("data_scientist"), { owner, path: "" });
    expect(await left()).toEqual([]);
  });

  it("finds nothing from another workspace, and nothing where nothing is", async () => {
    await put(a.as("admin"), "f");
    await expect(deleteRunArtifacts(b.as("admin"), { owner, path: "f" })).rejects.toMatchObject({
      code: "not_found",
    });
    await expect(deleteRunArtifacts(a.as("admin"), { owner, path: "g" })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it("refuses a viewer", async () => {
    await expect(deleteRunArtifacts(a.as("viewer"), { owner, path: "f" })).rejects.toMatchObject({
      code: "forbidden",
    });
  });
});
