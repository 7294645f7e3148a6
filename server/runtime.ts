import { randomUUID } from "node:crypto";
import { type Database, openDatabase } from "@/db/client";
import {
  type Authenticate,
  CredentialResolver,
  createAuthenticate,
  type Principal,
} from "@/server/access";
import { createFileStore } from "@/server/artifacts";
import type { Actor } from "@/server/kernel/actor";
import type { Context } from "@/server/kernel/context";
import type { Log } from "@/server/kernel/log";
import type { Ports } from "@/server/kernel/ports";
import { ChangeHub } from "@/server/live/change-hub";

/** What a process holds while it lives: connections, ports, credentials. Built once, by its main. */
export interface Runtime {
  db: Database;
  ports: Ports;
  log: Log;
  resolver: CredentialResolver;
  authenticate: Authenticate;
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
  log: Log;
  maxConnections?: number;
}): Runtime {
  const db = openDatabase(options.databaseUrl, options.maxConnections);
  const ports: Ports = { objects: createFileStore(options.artifactsFolder) };
  const resolver = new CredentialResolver(db.pool);
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
  let hub: ChangeHub | undefined;
  return {
    db,
    ports,
    log: options.log,
    resolver,
    contextOf,
    authenticate: createAuthenticate(resolver, contextOf),
    jobContext: (workspaceId, name) => make(workspaceId, { type: "job", name }, randomUUID()),
    changes: () => {
      hub ??= new ChangeHub(db.pool);
      return hub;
    },
    close: async () => {
      await hub?.close();
      await db.pool.end();
    },
  };
}
