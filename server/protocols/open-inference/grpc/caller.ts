import type { Metadata } from "@grpc/grpc-js";
import { CallerDeparture, type Departure } from "@/server/kernel/departure";

/** The parts of a grpc-js call, of any kind, that answers depend on. */
export interface AnyCall {
  metadata: Metadata;
  getPeer(): string;
  cancelled: boolean;
  on(event: "cancelled", listener: () => void): unknown;
}

/** The value of a metadata entry; binary ones are not read. */
export function headerOf(metadata: Metadata, name: string): string | undefined {
  const [value] = metadata.get(name);
  return typeof value === "string" ? value : undefined;
}

/** A caller who may leave before the answer. */
export interface Waiting {
  /** Aborted when the caller cancels, its deadline passes or its connection ends. */
  signal: Departure;
  /** To be called with the answer: grpc-js says `cancelled` at the end of every call. */
  answered: () => void;
}

export function waitingFor(call: AnyCall): Waiting {
  const signal = new CallerDeparture();
  let isAnswered = false;
  if (call.cancelled) signal.abort();
  else
    call.on("cancelled", () => {
      if (!isAnswered) signal.abort();
    });
  return {
    signal,
    answered: () => {
      isAnswered = true;
    },
  };
}
