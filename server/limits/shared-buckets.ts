import { createClient, defineScript } from "@redis/client";
import type { Log } from "@/server/kernel/log";
import type { BucketState } from "./gcra";
import type { BucketPair, Limit } from "./verdict";

/** An answer that takes longer counts as none, milliseconds. */
const PATIENCE_MS = 100;

/** After a failure Redis is left alone for this long, milliseconds. */
const PAUSE_MS = 1000;

/**
 * The generic cell rate algorithm on Redis' own clock: takes from both buckets or from none.
 * KEYS are the buckets, ARGV their rates a second, 0 for no limit. Numbers travel as text, since
 * Redis cuts fractions off.
 */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local allowed, news, answer = 1, {}, {}
for i = 1, 2 do
  local rate = tonumber(ARGV[i])
  if rate > 0 then
    local interval = 1000 / rate
    local tat = tonumber(redis.call('GET', KEYS[i]) or '0')
    local base = tat
    if base < now then base = now end
    news[i] = { tat = tat, next = base + interval, interval = interval }
    if base + interval - 1000 > now + 0.000001 then allowed = 0 end
  end
end
answer[1] = tostring(allowed)
for i = 1, 2 do
  local one = news[i]
  if one then
    local retry = one.next - 1000 - now
    if retry < 0.000001 then retry = 0 end
    local kept = one.tat
    if allowed == 1 then
      kept = one.next
      redis.call('SET', KEYS[i], string.format('%.6f', kept), 'PX', math.ceil(kept - now) + 1)
    end
    local remaining = math.floor((now + 1000 - kept) / one.interval + 0.000001)
    if remaining < 0 then remaining = 0 end
    local full = kept - now
    if full < 0 then full = 0 end
    answer[#answer + 1] = string.format('%d %.3f %.3f', remaining, full, retry)
  else
    answer[#answer + 1] = ''
  end
end
return answer
`;

const take = defineScript({
  SCRIPT: TAKE,
  NUMBER_OF_KEYS: 2,
  parseCommand(parser, keys: [string, string], rates: [number, number]) {
    parser.pushKey(keys[0]);
    parser.pushKey(keys[1]);
    parser.push(String(rates[0]), String(rates[1]));
  },
  transformReply: (reply: unknown) => (Array.isArray(reply) ? reply.map(String) : []),
});

/** What all web processes count together; undefined while Redis is away. */
export interface SharedBuckets {
  take(key: Limit, workspace: Limit): Promise<BucketPair | undefined>;
  /** Counts one more event of `id`; answers how many there were in its window. */
  count(id: string, windowMs: number): Promise<number | undefined>;
  close(): Promise<void>;
}

/** Connects in the background; a Redis that is away costs nothing but the shared count. */
export function openSharedBuckets(url: string, log: Log): SharedBuckets {
  const client = createClient({
    url,
    scripts: { take },
    disableOfflineQueue: true,
    commandOptions: { timeout: PATIENCE_MS },
    socket: {
      connectTimeout: 2000,
      reconnectStrategy: (tries) => Math.min(100 * 2 ** tries, 2000),
    },
  });
  let pausedUntilMs = 0;
  let isAway = false;
  const away = (error: unknown): void => {
    pausedUntilMs = Date.now() + PAUSE_MS;
    if (!isAway) log.warn({ err: error }, "Redis is away; limits are counted in process");
    isAway = true;
  };
  client.on("error", away);
  client.connect().catch(away);
  return {
    async take(key, workspace) {
      if (!client.isReady || Date.now() < pausedUntilMs) return undefined;
      try {
        // The braces keep both buckets of a workspace on one node of a cluster.
        const at = (id: string) => `mdy:{${workspace.id}}:${id}`;
        const reply = await client.take(
          [at(key.id), at(workspace.id)],
          [key.perSecond, workspace.perSecond],
        );
        if (isAway) log.info("Redis is back");
        isAway = false;
        const isAllowed = reply[0] === "1";
        return {
          isAllowed,
          key: stateOf(reply[1], isAllowed),
          workspace: stateOf(reply[2], isAllowed),
        };
      } catch (error) {
        away(error);
        return undefined;
      }
    },
    async count(id, windowMs) {
      if (!client.isReady || Date.now() < pausedUntilMs) return undefined;
      try {
        const key = `mdy:count:${id}`;
        const [count] = await client.multi().incr(key).pExpire(key, windowMs, "NX").exec();
        return Number(count);
      } catch (error) {
        away(error);
        return undefined;
      }
    },
    async close() {
      if (client.isOpen) client.destroy();
    },
  };
}

function stateOf(text: string | undefined, isAllowed: boolean): BucketState | undefined {
  if (!text) return undefined;
  const [remaining = 0, fullInMs = 0, retryInMs = 0] = text.split(" ").map(Number);
  return { isAllowed, remaining, fullInMs, retryInMs };
}
