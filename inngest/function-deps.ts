import type { Inngest } from "inngest";
import type { Database } from "@/db/client";
import type { Context } from "@/server/kernel/context";
import type { Log } from "@/server/kernel/log";

/** What functions are made with; they hold no connection of their own. */
export interface FunctionDeps {
  client: Inngest.Any;
  db: Database;
  jobContext: (workspaceId: string, name: string) => Context;
  /** Folders on this machine that upkeep looks after. */
  folders: { home: string; artifacts: string; training: string };
  log: Log;
}
