import type { MetricDto } from "@/server/experiments/schemas";
import type { Page } from "@/server/kernel/paging";
import { listed, toWireMetric } from "./wire";

type LoadPage = (cursor: string | undefined) => Promise<Page<MetricDto>>;

/**
 * A whole series as one reply. One page is plain JSON; more are written page by page as the client
 * reads, so that a million points never lie in memory together.
 */
export async function wholeHistory(loadPage: LoadPage): Promise<object | Response> {
  const first = await loadPage(undefined);
  if (!first.nextCursor) return listed("metrics", first.items.map(toWireMetric));
  let page: Page<MetricDto> | undefined = first;
  let cursor: string | undefined;
  const body = new ReadableStream<Uint8Array>(
    {
      pull: async (stream) => {
        const current: Page<MetricDto> = page ?? (await loadPage(cursor));
        page = undefined;
        const begin = cursor === undefined ? '{"metrics":[' : ",";
        const points = JSON.stringify(current.items.map(toWireMetric)).slice(1, -1);
        cursor = current.nextCursor ?? undefined;
        stream.enqueue(Buffer.from(begin + points + (cursor === undefined ? "]}" : "")));
        if (cursor === undefined) stream.close();
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers: { "content-type": "application/json" } });
}
