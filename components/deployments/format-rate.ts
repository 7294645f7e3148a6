import { formatCompact } from "@/components/ui/format";

/** Requests a second; below one, a minute, so that rare traffic is not shown as zero. */
export function formatRate(perSecond: number): string {
  if (perSecond === 0) return "0/s";
  if (perSecond >= 0.95) return `${formatCompact(Number(perSecond.toPrecision(3)))}/s`;
  return `${formatCompact(Number((perSecond * 60).toPrecision(2)))}/min`;
}
