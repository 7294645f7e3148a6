import { HomeRedirect } from "@/components/shell/home-redirect";

/** Where a client whose tracking URI names the workspace says its runs can be seen. */
export default async function Page({ params }: { params: Promise<{ workspace: string }> }) {
  return <HomeRedirect workspace={(await params).workspace} />;
}
