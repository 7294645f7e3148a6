import { Status } from "@/components/ui/status";
import type { DeliveryStatus } from "@/server/webhooks/constants";

const LOOKS = {
  pending: { status: "pending", label: "Pending" },
  delivered: { status: "completed", label: "Delivered" },
  failed: { status: "failed", label: "Failed" },
} satisfies Record<DeliveryStatus, { status: string; label: string }>;

/** How a delivery stands. */
export const DeliveryState = ({ status }: { status: DeliveryStatus }) => (
  <Status {...LOOKS[status]} />
);
