import type { Metadata } from "next";
import { VersionPage } from "@/components/registry/version-page";

export const metadata: Metadata = { title: "Model version" };

export default function Page() {
  return <VersionPage />;
}
