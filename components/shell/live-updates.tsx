"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useSubscription } from "@trpc/tanstack-react-query";
import { useEffect, useRef } from "react";
import { useTRPC } from "@/components/trpc/client";

/** At most two refreshes a second, however fast metrics arrive. */
const THROTTLE_MS = 500;

/** Topics whose lists show facts of another topic, too. */
const ALSO: Record<string, string[]> = {
  training: ["experiments"],
  registry: ["deployments"],
};

/** Follows the changes of the workspace and asks again for what they touch. Renders nothing. */
export function LiveUpdates() {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const pending = useRef(new Set<string>());
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  // The event stream of the server is the external system; its timer must end with the page.
  useEffect(() => () => clearTimeout(timer.current), []);

  const flush = () => {
    timer.current = undefined;
    const topics = new Set(pending.current);
    pending.current.clear();
    void queryClient.invalidateQueries({
      predicate: ({ queryKey }) => {
        const path = queryKey[0];
        return Array.isArray(path) && topics.has(String(path[0]));
      },
    });
  };

  useSubscription(
    trpc.live.changes.subscriptionOptions(undefined, {
      onData: ({ topic }) => {
        pending.current.add(topic);
        for (const other of ALSO[topic] ?? []) pending.current.add(other);
        timer.current ??= setTimeout(flush, THROTTLE_MS);
      },
    }),
  );
  return null;
}
