import { giveUpDelivery, deliver as makeOneTry } from "@/server/webhooks";
import { deliveryRequested } from "../events";
import type { FunctionDeps } from "../function-deps";

const ACTOR = "webhooks";

/** Brings one message to one webhook, with growing pauses between the tries. */
export const deliver = ({ client, jobContext }: FunctionDeps) =>
  client.createFunction(
    {
      id: "webhooks-deliver",
      triggers: deliveryRequested,
      idempotency: "event.data.turn",
      retries: 8,
      // A slow address holds up its own messages only.
      concurrency: [{ key: "event.data.webhookId", limit: 2 }],
      onFailure: async ({ event }) => {
        const data = deliveryRequested.schema.parse(event.data.event.data);
        await giveUpDelivery(jobContext(data.workspaceId, ACTOR), data);
      },
    },
    async ({ event, step }) =>
      step.run("try", async () => {
        const outcome = await makeOneTry(jobContext(event.data.workspaceId, ACTOR), event.data);
        if (outcome === "again") throw new Error("The address did not take the message.");
        return outcome;
      }),
  );
