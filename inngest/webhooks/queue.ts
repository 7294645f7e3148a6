import { queueDeliveries } from "@/server/webhooks";
import { modelChanged, registryChange, versionChanged } from "../events";
import type { FunctionDeps } from "../function-deps";

/** Turns changes of the registry into deliveries for every webhook that asked for them. */
const queueOn =
  (id: string, triggers: typeof modelChanged) =>
  ({ client, jobContext }: FunctionDeps) =>
    client.createFunction({ id, triggers, retries: 4 }, async ({ event, step }) =>
      step.run("queue", () => {
        const { workspaceId, ...about } = registryChange.parse(event.data);
        return queueDeliveries(jobContext(workspaceId, "webhooks"), {
          ...about,
          name: String(event.name),
          eventId: event.id ?? "",
          at: new Date(event.ts ?? Date.now()),
        });
      }),
    );

/** Two of them: a function has ten triggers at most. */
export const queueModelChanges = queueOn("webhooks-queue-models", modelChanged);
export const queueVersionChanges = queueOn("webhooks-queue-versions", versionChanged);
