import type { Metadata } from "next";
import { StagesPage } from "@/components/registry/stages-page";

export const metadata: Metadata = { title: "Stages" };

export default function Page() {
  return <StagesPage />;
}
