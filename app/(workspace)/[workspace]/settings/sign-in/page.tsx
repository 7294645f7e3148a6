import type { Metadata } from "next";
import { ProvidersPage } from "@/components/access/providers-page";

export const metadata: Metadata = { title: "Sign-in" };

export default function Page() {
  return <ProvidersPage />;
}
