import type { Inngest, InngestFunction } from "inngest";
import type { Driver } from "../driver";

/** One guarantee: the functions that show it and the check that sends events and looks. */
export interface Case {
  guarantee: string;
  define(client: Inngest): Defined;
}

interface Defined {
  functions: InngestFunction.Any[];
  check(driver: Driver): Promise<void>;
}

/** Event names are shared by all apps of a server, so each client has names of its own. */
export function eventName(client: Inngest, name: string): string {
  return `${client.id}/${name}`;
}

/** Counts calls by name. */
export function createCounter() {
  const counts = new Map<string, number>();
  return {
    add: (name: string): number => {
      const next = (counts.get(name) ?? 0) + 1;
      counts.set(name, next);
      return next;
    },
    get: (name: string): number => counts.get(name) ?? 0,
  };
}

export const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
