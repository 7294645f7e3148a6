import type { Metadata } from "next";
import { DatasetPage } from "@/components/datasets/dataset-page";

export const metadata: Metadata = { title: "Dataset" };

export default function Page() {
  return <DatasetPage />;
}
