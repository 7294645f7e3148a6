"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTRPC, useTRPCClient } from "@/components/trpc/client";
import type { Outputs } from "@/components/trpc/outputs";

export interface Answer {
  reply: Outputs["predictions"]["predict"];
  /** From the click to the parsed answer in this browser, milliseconds. */
  roundTripMs: number;
  /** The row that was asked about, where it was one. */
  row: Record<string, unknown> | null;
}

/** The body of a prediction request: `input` or `inputs`, `options`. */
export type PredictBody = Record<string, unknown>;

const isRow = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Asks the endpoint for a prediction in the name of who looks at the page. */
export function usePredict(deployment: string) {
  const client = useTRPCClient();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: async (body: PredictBody): Promise<Answer> => {
      const started = performance.now();
      const { input, inputs, options } = body;
      const reply = await client.predictions.predict.mutate({ deployment, input, inputs, options });
      const row = isRow(input) ? input : null;
      return { reply, row, roundTripMs: performance.now() - started };
    },
    onSuccess: () =>
      queryClient.invalidateQueries({ queryKey: trpc.predictions.listRecent.pathKey() }),
  });
}
