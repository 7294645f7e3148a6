import { expireApproval, getApproval } from "@/server/registry";
import { approvalRequested } from "../events";
import type { FunctionDeps } from "../function-deps";

/** A request that nobody decides is closed when its time is over. */
export const expireRequestedApproval = ({ client, jobContext }: FunctionDeps) =>
  client.createFunction(
    {
      id: "registry-expire-approval",
      triggers: approvalRequested,
      idempotency: "event.data.approvalId",
    },
    async ({ event, step }) => {
      const { workspaceId, approvalId } = event.data;
      const ctx = () => jobContext(workspaceId, "expiry of requests");
      const expiresAt = await step.run(
        "read",
        async () => (await getApproval(ctx(), { approval: approvalId })).expiresAt,
      );
      await step.sleepUntil("wait", expiresAt);
      await step.run("expire", () => expireApproval(ctx(), approvalId));
    },
  );
