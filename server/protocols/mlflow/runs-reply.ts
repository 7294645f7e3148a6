import type { FoundRunDto } from "@/server/experiments";
import type { Page } from "@/server/kernel/paging";
import { toWireRunDetail } from "./wire";

/**
 * A page of runs as the text of a reply. Pages hold ten thousands of metrics: what runs logged comes as
 * JSON and is put in as it is.
 */
export function runsReply({ items, nextCursor }: Page<FoundRunDto>): Response {
  const runs = items.map(runText).join(",");
  const parts = [
    ...(runs ? [`"runs":[${runs}]`] : []),
    ...(nextCursor ? [`"next_page_token":${JSON.stringify(nextCursor)}`] : []),
  ];
  return new Response(`{${parts.join(",")}}`, { headers: { "content-type": "application/json" } });
}

function runText({ logged, ...run }: FoundRunDto): string {
  const { data: _, ...rest } = toWireRunDetail({ ...run, params: [], tags: [], metrics: [] });
  // Proto JSON leaves empty lists out.
  const lists = [
    logged.metrics && `"metrics":[${logged.metrics}]`,
    logged.params && `"params":[${logged.params}]`,
    logged.tags && `"tags":[${logged.tags}]`,
  ].filter(Boolean);
  return `${JSON.stringify(rest).slice(0, -1)},"data":{${lists.join(",")}}}`;
}
