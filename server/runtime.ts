import { randomUUID } from "node:crypto";
import { type Database, openDatabase } from "@/db/client";
import {
  type Authenticate,
  CredentialResolver,
  createAuthenticate,
  type ExternalIssuer,
  ExternalTokens,
  limitStorage,
  type Principal,
  ShortTokens,
} from "@/server/access";
import {
  type BlobStore,
  createFileBlobs,
  createObjectStore,
  type Keyring,
} from "@/server/artifacts";
import type { Actor } from "@/server/kernel/actor";
import type { Context } from "@/server/kernel/context";
import type { Log } from "@/server/kernel/log";
import { createOutbound } from "@/server/kernel/outbound";
import type { Ports } from "@/server/kernel/ports";
import { addressOf } from "@/server/kernel/request-address";
import { createSecretBox } from "@/server/kernel/secret-box";
import {
  createLimits,
  followQuotas,
  type LimitSettings,
  type Limits,
  limitCalls,
} from "@/server/limits";
import { ChangeHub } from "@/server/live/change-hub";

/** What a process holds while it lives: connections, ports, credentials. Built once, by its main. */
export interface Runtime {
  db: Database;
  ports: Ports;
  /** Where sealed bytes lie; the ports' objects open them. */
  blobs: BlobStore;
  log: Log;
  resolver: CredentialResolver;
  /** Throws rate_limited, too, for callers over their limit. */
  authenticate: Authenticate;
  limits: Limits;
  /** Where people reach the product, when a setting says so. */
  publicUrl: string | undefined;
  /** A context for a known caller. */
  contextOf: (principal: Principal, requestId: string) => Context;
  /** A context for work nobody asked for by hand. */
  jobContext: (workspaceId: string, name: string) => Context;
  /** What other processes announced, for open pages; connects on first use. */
  changes: () => ChangeHub;
  close: () => Promise<void>;
}

export function createRuntime(options: {
  databaseUrl: string;
  artifactsFolder: string;
  keyring: Keyring;
  /** Files under the folder when absent. */
  blobs?: BlobStore;
  log: Log;
  maxConnections?: number;
  /** Without it no secret can be kept and no token made. */
  secret?: string;
  /** See ALLOW_PRIVATE_ADDRESSES in env.ts. */
  allowPrivateAddresses?: boolean;
  externalIssuer?: ExternalIssuer | undefined;
  publicUrl?: string | undefined;
  /** No limit on calls when absent. */
  limits?: LimitSettings;
}): Runtime {
  const db = openDatabase(options.databaseUrl, options.maxConnections);
  const blobs = options.blobs ?? createFileBlobs(options.artifactsFolder);
  const ports: Ports = {
    objects: limitStorage(createObjectStore({ db, blobs, keyring: options.keyring }), db),
  };
  const outbound = createOutbound({ allowPrivate: options.allowPrivateAddresses ?? false });
  const own = options.secret ? new ShortTokens(options.secret) : undefined;
  ports.outbound = outbound;
  if (own) ports.tokens = own;
  if (options.secret) ports.secrets = createSecretBox(options.secret);
  const resolver = new CredentialResolver(db.pool, {
    own,
    external: options.externalIssuer && new ExternalTokens(options.externalIssuer, outbound),
  });
  const now = () => new Date();
  const make = (workspaceId: string, actor: Actor, requestId: string): Context => ({
    workspaceId,
    actor,
    db,
    now,
    requestId,
    ports,
  });
  const contextOf = (principal: Principal, requestId: string) =>
    make(principal.workspaceId, principal.actor, requestId);
  const authenticate = createAuthenticate(resolver, contextOf, options.publicUrl);
  const limits = createLimits(
    options.limits ?? { keyPerSecond: 0, workspacePerSecond: 0 },
    options.log,
  );
  limits.rate.workspaceRate = followQuotas(db);
  let hub: ChangeHub | undefined;
  return {
    db,
    ports,
    blobs,
    log: options.log,
    resolver,
    publicUrl: options.publicUrl,
    contextOf,
    limits,
    authenticate: limitCalls(async (request, requestId) => {
      const ctx = await authenticate(request, requestId);
      const clientAddress = addressOf(request);
      return clientAddress ? { ...ctx, clientAddress } : ctx;
    }, limits),
    jobContext: (workspaceId, name) => make(workspaceId, { type: "job", name }, randomUUID()),
    changes: () => {
      hub ??= new ChangeHub(db.pool);
      return hub;
    },
    close: async () => {
      await hub?.close();
      await limits.rate.close();
      await db.pool.end();
    },
  };
}
