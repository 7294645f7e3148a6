import type { Metadata } from "next";
import { ExperimentPage } from "@/components/experiments/experiment-page";

export const metadata: Metadata = { title: "Experiment" };

export default function Page() {
  return <ExperimentPage />;
}
