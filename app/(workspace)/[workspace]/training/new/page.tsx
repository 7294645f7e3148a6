import type { Metadata } from "next";
import { StartTrainingPage } from "@/components/training/start-training-page";

export const metadata: Metadata = { title: "Start a training" };

export default function Page() {
  return <StartTrainingPage />;
}
