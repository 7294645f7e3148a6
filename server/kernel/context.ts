import type { Database } from "@/db/client";
import type { Actor } from "./actor";
import type { Ports } from "./ports";

/** What every verb gets first. */
export interface Context {
  workspaceId: string;
  actor: Actor;
  db: Database;
  now: () => Date;
  requestId: string;
  /** The network address a request came from; absent for background work. */
  clientAddress?: string;
  ports: Ports;
}
