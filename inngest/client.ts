import { Inngest } from "inngest";
import type { Pool } from "pg";
import type { Secret } from "@/server/kernel/secret";
import { createEmbeddedTransport, type EmbeddedTransport } from "./embedded";

/** The id functions are registered under: `modelyard-<function>`. */
const APP_ID = "modelyard";

type Log = Parameters<typeof createEmbeddedTransport>[0]["log"];

export interface InngestSettings {
  INNGEST_BASE_URL?: string | undefined;
  INNGEST_EVENT_KEY?: Secret | undefined;
  INNGEST_SIGNING_KEY?: Secret | undefined;
}

export type InngestBinding =
  | { mode: "embedded"; client: Inngest.Any; transport: EmbeddedTransport }
  | { mode: "server"; client: Inngest.Any };

/**
 * The Inngest client of this process: of a real server where INNGEST_BASE_URL names one, else of
 * the embedded executor. Functions are the same in both.
 */
export function createInngest(
  pool: Pool,
  settings: InngestSettings,
  log: NonNullable<Log> & { debug(fields: object, message: string): void },
): InngestBinding {
  if (settings.INNGEST_BASE_URL) {
    const client = new Inngest({
      id: APP_ID,
      baseUrl: settings.INNGEST_BASE_URL,
      isDev: false,
      ...(settings.INNGEST_EVENT_KEY ? { eventKey: settings.INNGEST_EVENT_KEY.reveal() } : {}),
      ...(settings.INNGEST_SIGNING_KEY
        ? { signingKey: settings.INNGEST_SIGNING_KEY.reveal() }
        : {}),
      logger: quiet(log),
    });
    return { mode: "server", client };
  }
  const transport = createEmbeddedTransport({ pool, log });
  const client = new Inngest({ id: APP_ID, ...transport, isDev: false, logger: quiet(log) });
  return { mode: "embedded", client, transport };
}

/** The SDK logs each call at info; our own logs say what matters. */
function quiet(log: NonNullable<Log>) {
  const say =
    (level: "warn" | "error") =>
    (...parts: unknown[]): void =>
      log[level]({ inngest: parts.map(String).join(" ").slice(0, 2000) }, "Inngest SDK");
  return { debug: () => undefined, info: () => undefined, warn: say("warn"), error: say("error") };
}
