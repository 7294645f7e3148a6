import type { Metadata } from "next";
import { NodePage } from "@/components/nodes/node-page";

export const metadata: Metadata = { title: "Node" };

export default function Page() {
  return <NodePage />;
}
