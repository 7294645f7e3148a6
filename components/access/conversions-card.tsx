"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { Card } from "@/components/ui/card";
import { toastFailure } from "@/components/ui/failure";
import { QueryView, Skeleton } from "@/components/ui/states";
import { Switch } from "@/components/ui/toggles";

/** Whether pickled models may be converted: what that risks, and the switch for administrators. */
export function ConversionsCard() {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const { can } = useWorkspace();
  const settings = useQuery(trpc.training.conversionSettings.queryOptions());
  const save = useMutation(
    trpc.training.setConversionSettings.mutationOptions({
      onError: toastFailure,
      onSuccess: (saved) => {
        queryClient.setQueryData(trpc.training.conversionSettings.queryKey(), saved);
        toast.success(
          saved.allowPickled
            ? "Pickled models may be converted"
            : "Pickled models are no longer converted",
        );
      },
    }),
  );
  return (
    <Card
      title="Pickled models"
      description="scikit-learn, XGBoost and LightGBM models from MLflow become ONNX when they are deployed."
    >
      <div className="space-y-3 text-13">
        <p className="text-fg-muted">
          A pickle runs the code it brings along when it is read. Whoever may log a model here could
          hide something in one. Modelyard never reads pickles itself: a conversion does, in a
          sandbox that reaches no network, no other files and no other programs, with limits on
          memory and time. Allow this only if you trust the people and programs that log models.
          Models in MLflow's skops format, XGBoost's and LightGBM's own need no permission.
        </p>
        <QueryView query={settings} skeleton={<Skeleton className="h-6" />}>
          {({ allowPickled }) =>
            can("workspace:write") ? (
              <Switch
                label="Allow conversion of pickled models"
                checked={save.isPending ? save.variables.allowPickled : allowPickled}
                onChange={(next) => save.mutate({ allowPickled: next })}
              />
            ) : (
              <p>
                {allowPickled
                  ? "Conversion of pickled models is allowed."
                  : "Conversion of pickled models is not allowed. An administrator can allow it."}
              </p>
            )
          }
        </QueryView>
      </div>
    </Card>
  );
}
