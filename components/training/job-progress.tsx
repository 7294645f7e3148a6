import { ProgressLine } from "@/components/ui/progress-line";
import type { JobDto } from "@/server/training/schemas";

/** Bar and percent of a job. */
export const JobProgress = ({
  job: { status, progress, modelName },
}: {
  job: Pick<JobDto, "status" | "progress" | "modelName">;
}) => <ProgressLine {...{ status, progress }} label={`Progress of ${modelName}`} />;
