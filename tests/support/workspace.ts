import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ShortTokens } from "@/server/access";
import { newApiKey } from "@/server/access/api-key-format";
import { createFileBlobs, createKeyring, createObjectStore } from "@/server/artifacts";
import type { Role } from "@/server/kernel/actor";
import type { Context } from "@/server/kernel/context";
import { newId } from "@/server/kernel/ids";
import { createOutbound } from "@/server/kernel/outbound";
import type { ObjectStore } from "@/server/kernel/ports";
import { createSecretBox } from "@/server/kernel/secret-box";
import { asOwner, createTestDatabase, type TestDatabase } from "./database";
import { TEST_SECRET } from "./test-secret";

/** The key-encryption key of every test process. */
export const testKeyring = () => createKeyring(TEST_SECRET);

/** A suite's own database with as many workspaces as it asks for. */
export interface TestWorld {
  db: TestDatabase;
  /** A fresh workspace; `as(role)` gives contexts of people in it, `key(role)` API keys. */
  workspace(slug?: string): Promise<TestWorkspace>;
  artifactsFolder: string;
  objects: ObjectStore;
  close(): Promise<void>;
}

export interface TestWorkspace {
  id: string;
  slug: string;
  as(role: Role): Context;
  job(): Context;
  key(role: Role): Promise<string>;
}

export async function createTestWorld(): Promise<TestWorld> {
  const db = await createTestDatabase();
  const artifactsFolder = await mkdtemp(join(tmpdir(), "modelyard-artifacts-"));
  const blobs = createFileBlobs(artifactsFolder);
  const ports = {
    objects: createObjectStore({ db, blobs, keyring: testKeyring() }),
    secrets: createSecretBox(TEST_SECRET),
    tokens: new ShortTokens(TEST_SECRET),
    outbound: createOutbound({ allowPrivate: true }),
  };
  return {
    db,
    artifactsFolder,
    objects: ports.objects,
    workspace: (slug = `w-${randomUUID().slice(0, 8)}`) => makeWorkspace(db, ports, slug),
    close: async () => {
      await db.close();
      await rm(artifactsFolder, { recursive: true, force: true });
    },
  };
}

async function makeWorkspace(
  db: TestDatabase,
  ports: Context["ports"],
  slug: string,
): Promise<TestWorkspace> {
  const id = newId();
  await asOwner(db.ownerUrl, "insert into workspaces (id, slug, name) values ($1, $2, $2)", [
    id,
    slug,
  ]);
  const base = { workspaceId: id, db, ports, now: () => new Date() };
  return {
    id,
    slug,
    as: (role) => ({
      ...base,
      requestId: randomUUID(),
      actor: { type: "user", userId: randomUUID(), name: `${role} of ${slug}`, role },
    }),
    job: () => ({ ...base, requestId: randomUUID(), actor: { type: "job", name: "test" } }),
    key: async (role) => {
      const made = newApiKey();
      await asOwner(
        db.ownerUrl,
        "insert into api_keys (workspace_id, id, public_id, secret_hash, name, role) values ($1, $2, $3, $4, $5, $6)",
        [id, newId(), made.publicId, made.secretHash, `${role} key`, role],
      );
      return made.key;
    },
  };
}
