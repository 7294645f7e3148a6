import { HomeRedirect } from "@/components/shell/home-redirect";

export default function Page() {
  return <HomeRedirect />;
}
