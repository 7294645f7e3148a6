import type { Metadata } from "next";
import { RunPage } from "@/components/experiments/run-page";

export const metadata: Metadata = { title: "Run" };

export default function Page() {
  return <RunPage />;
}
