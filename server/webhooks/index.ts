export { createWebhook } from "./create-webhook";
export { deleteWebhook } from "./delete-webhook";
export { deliver, giveUpDelivery } from "./deliver";
export { getWebhook } from "./get-webhook";
export { listDeliveries } from "./list-deliveries";
export { listWebhooks } from "./list-webhooks";
export { queueDeliveries } from "./queue-deliveries";
export { testWebhook } from "./test-webhook";
export { updateWebhook } from "./update-webhook";
