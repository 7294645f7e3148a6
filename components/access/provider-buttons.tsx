"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { startSignIn } from "./start-sign-in";

/** One button for each provider of a workspace; without a workspace a field that asks for it. */
export function ProviderButtons({
  workspace,
  next,
}: {
  workspace: string | undefined;
  next: string | undefined;
}) {
  const trpc = useTRPC();
  const [asked, setAsked] = useState(workspace ?? null);
  const [typed, setTyped] = useState("");
  const providers = useQuery(trpc.access.signInProviders.queryOptions({ workspace: asked }));
  const start = useMutation({
    mutationFn: (id: string) => startSignIn(id, next ?? (asked ? `/${asked}/overview` : "/")),
  });
  const list = providers.data ?? [];
  return (
    <div className="space-y-3">
      {list.map((provider) => (
        <Button
          key={provider.id}
          variant="primary"
          size="lg"
          className="w-full"
          loading={start.isPending && start.variables === provider.id}
          onClick={() => start.mutate(provider.id)}
        >
          Sign in with {provider.name}
        </Button>
      ))}
      {start.error && (
        <p role="alert" className="text-13 text-danger">
          The provider cannot be reached right now. Try again in a moment.
        </p>
      )}
      {list.length === 0 && (
        <form
          className="space-y-3"
          onSubmit={(event) => {
            event.preventDefault();
            setAsked(typed.trim() || null);
          }}
        >
          <TextField
            label="Workspace"
            hint="The first word of its address, for instance default."
            value={typed}
            onChange={setTyped}
            autoComplete="organization"
            autoCapitalize="off"
            error={asked && providers.isSuccess ? "Nobody signs in there with a provider." : null}
          />
          <Button type="submit" className="w-full" loading={providers.isFetching}>
            Show how to sign in
          </Button>
        </form>
      )}
    </div>
  );
}
