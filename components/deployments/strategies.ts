import type { Strategy } from "@/server/deployments/constants";

/** What a strategy is called, and what it does, for people. */
export const STRATEGY_TEXTS: Record<Strategy, { label: string; detail: string }> = {
  direct: { label: "All at once", detail: "Loaded and warmed up, then it takes all traffic." },
  rolling: { label: "Rolling", detail: "Replica by replica, each watched for a while." },
  blue_green: {
    label: "Blue-green",
    detail: "All traffic at once; the version before stays warm and takes it back if need be.",
  },
  canary: {
    label: "Canary",
    detail: "A growing share of the traffic, compared with the version that answers now.",
  },
  shadow: {
    label: "Shadow",
    detail: "Gets copies of the requests and answers nobody; you decide at the end.",
  },
};
