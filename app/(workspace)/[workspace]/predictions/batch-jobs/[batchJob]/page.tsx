import type { Metadata } from "next";
import { BatchJobPage } from "@/components/predictions/jobs/batch-job-page";

export const metadata: Metadata = { title: "Batch job" };

export default function Page() {
  return <BatchJobPage />;
}
