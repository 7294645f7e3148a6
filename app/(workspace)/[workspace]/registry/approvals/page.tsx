import type { Metadata } from "next";
import { ApprovalsPage } from "@/components/registry/approvals-page";

export const metadata: Metadata = { title: "Approvals" };

export default function Page() {
  return <ApprovalsPage />;
}
