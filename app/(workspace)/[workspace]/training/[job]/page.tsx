import type { Metadata } from "next";
import { JobPage } from "@/components/training/job-page";

export const metadata: Metadata = { title: "Training job" };

export default function Page() {
  return <JobPage />;
}
