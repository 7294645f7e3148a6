import type { Metadata } from "next";
import { PredictionsPage } from "@/components/predictions/predictions-page";

export const metadata: Metadata = { title: "Predictions" };

export default function Page() {
  return <PredictionsPage />;
}
