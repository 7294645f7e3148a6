import { SearchX } from "lucide-react";
import { LinkButton } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/states";

export default function NotFound() {
  return (
    <main className="flex min-h-dvh items-center justify-center p-4">
      <EmptyState
        icon={<SearchX aria-hidden />}
        title="There is no such page"
        action={<LinkButton href="/">Go to the overview</LinkButton>}
      >
        The address may be mistyped, or what it showed was deleted.
      </EmptyState>
    </main>
  );
}
