import { Agent, request } from "undici";

export interface Answer {
  status: number;
  retryAfter: string | undefined;
  atMs: number;
  body: { predictions?: number[]; modelVersion?: number };
}

/** Keeps `clients` requests under way until stopped; every answer is kept, every failure thrown. */
export function startLoad(options: { url: string; key: string; clients: number; body: unknown }): {
  answers: Answer[];
  stop: () => Promise<Answer[]>;
} {
  const agent = new Agent({ connections: options.clients });
  const answers: Answer[] = [];
  let stopped = false;
  const client = async (): Promise<void> => {
    while (!stopped) {
      const reply = await request(options.url, {
        method: "POST",
        dispatcher: agent,
        headers: { authorization: `Bearer ${options.key}`, "content-type": "application/json" },
        body: JSON.stringify(options.body),
      });
      answers.push({
        status: reply.statusCode,
        retryAfter: reply.headers["retry-after"] as string | undefined,
        atMs: Date.now(),
        body: (await reply.body.json()) as Answer["body"],
      });
    }
  };
  const running = Promise.all(Array.from({ length: options.clients }, client));
  // A failure is told by `stop`; without this it would end the process before.
  running.catch(() => undefined);
  return {
    answers,
    stop: async () => {
      stopped = true;
      await running;
      await agent.close();
      return answers;
    },
  };
}
