import type { Metadata } from "next";
import { SignInPanel } from "@/components/access/sign-in-panel";

export const metadata: Metadata = { title: "Sign in" };

type Search = Promise<Record<"token" | "invitation" | "error", string | string[] | undefined>>;

const one = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value);

export default async function Page({ searchParams }: { searchParams: Search }) {
  const { token, invitation, error } = await searchParams;
  return <SignInPanel token={one(token)} invitation={one(invitation)} error={one(error)} />;
}
