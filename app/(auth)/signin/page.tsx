import type { Metadata } from "next";
import { SignInPanel } from "@/components/access/sign-in-panel";

export const metadata: Metadata = { title: "Sign in" };

type Name = "token" | "invitation" | "error" | "workspace" | "next";
type Search = Promise<Record<Name, string | string[] | undefined>>;

const one = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value);

export default async function Page({ searchParams }: { searchParams: Search }) {
  const search = await searchParams;
  const asked = one(search.next);
  // A path of ours only; what is no such path is dropped.
  const next = asked && /^\/[a-z0-9-]+(\/[\w./-]*)?$/.test(asked) ? asked : undefined;
  return (
    <SignInPanel
      token={one(search.token)}
      invitation={one(search.invitation)}
      error={one(search.error)}
      workspace={one(search.workspace) ?? next?.split("/")[1]}
      next={next}
    />
  );
}
