import { ProgressLine } from "@/components/ui/progress-line";
import type { BatchJobDto } from "@/server/predictions/jobs/schemas";

/** Bar and percent of a job. */
export const BatchProgress = ({
  job: { status, progress, datasetName },
}: {
  job: Pick<BatchJobDto, "status" | "progress" | "datasetName">;
}) => <ProgressLine {...{ status, progress }} label={`Progress over ${datasetName}`} />;
