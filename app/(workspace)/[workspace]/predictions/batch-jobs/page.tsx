import type { Metadata } from "next";
import { BatchJobsPage } from "@/components/predictions/jobs/batch-jobs-page";

export const metadata: Metadata = { title: "Batch jobs" };

export default function Page() {
  return <BatchJobsPage />;
}
