"use client";
import { useQuery } from "@tanstack/react-query";
import { Menu as MenuIcon } from "lucide-react";
import { useRouter } from "next/navigation";
import { type ReactNode, useEffect, useMemo, useState } from "react";
import { useSlug, useTRPC } from "@/components/trpc/client";
import { Button } from "@/components/ui/button";
import { Sheet } from "@/components/ui/dialog";
import { EmptyState, ErrorState, PageSkeleton, Skeleton } from "@/components/ui/states";
import { CommandPalette } from "./command-palette";
import { LiveUpdates } from "./live-updates";
import { Logo } from "./logo";
import { Shortcuts } from "./shortcuts";
import { Sidebar } from "./sidebar";
import { WorkspaceProvider } from "./workspace";

/** Lets people in who belong to the workspace, and puts navigation around the page. */
export function WorkspaceShell({ children }: { children: ReactNode }) {
  const slug = useSlug() ?? "";
  const trpc = useTRPC();
  const router = useRouter();
  const session = useQuery({ ...trpc.access.session.queryOptions(), staleTime: 60_000 });
  const membership = session.data?.workspaces.find((workspace) => workspace.slug === slug);
  // Asked in the same request: who is no member is told so by the session.
  const me = useQuery({ ...trpc.access.me.queryOptions(), staleTime: 60_000 });
  const signedOut = session.data === null;

  // The address bar is the external system: nobody signed in, so the page is elsewhere.
  useEffect(() => {
    if (signedOut) router.replace(`/signin?next=${encodeURIComponent(window.location.pathname)}`);
  }, [signedOut, router]);

  const value = useMemo(
    () =>
      session.data && me.data && membership
        ? {
            slug,
            name: me.data.workspace.name,
            role: me.data.actor.role ?? membership.role,
            permissions: new Set<string>(me.data.permissions),
            user: session.data.user,
            workspaces: session.data.workspaces,
          }
        : null,
    [session.data, me.data, membership, slug],
  );

  const error = session.error ?? (membership ? me.error : null);
  if (error && !value) {
    return <Alone>{<ErrorState error={error} onRetry={() => void session.refetch()} />}</Alone>;
  }
  if (session.data && !membership) return <UnknownWorkspace session={session.data} />;
  if (!value) return <LoadingShell />;
  return (
    <WorkspaceProvider value={value}>
      <Frame>{children}</Frame>
    </WorkspaceProvider>
  );
}

function Frame({ children }: { children: ReactNode }) {
  const [menuOpen, setMenuOpen] = useState(false);
  const [paletteOpen, setPaletteOpen] = useState(false);
  const search = () => {
    setMenuOpen(false);
    setPaletteOpen(true);
  };
  return (
    <div className="min-h-dvh lg:pl-56">
      <a
        href="#content"
        className="sr-only z-50 rounded-md bg-accent px-3 py-2 text-white focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        Skip to content
      </a>
      <aside className="fixed inset-y-0 left-0 hidden w-56 border-r bg-bg lg:block">
        <Sidebar onSearch={search} />
      </aside>
      <div className="sticky top-0 z-20 flex h-12 items-center gap-2 border-b bg-bg px-3 lg:hidden">
        <Button
          variant="ghost"
          size="icon"
          aria-label="Open menu"
          onClick={() => setMenuOpen(true)}
        >
          <MenuIcon aria-hidden className="size-5" />
        </Button>
        <Logo size={20} />
        <span className="font-semibold text-13">Modelyard</span>
      </div>
      <Sheet open={menuOpen} onOpenChange={setMenuOpen} title="Menu">
        <Sidebar onSearch={search} onNavigate={() => setMenuOpen(false)} />
      </Sheet>
      <main
        id="content"
        tabIndex={-1}
        className="mx-auto max-w-7xl px-4 py-5 outline-none sm:px-6 lg:px-8 lg:py-7"
      >
        {children}
      </main>
      <CommandPalette open={paletteOpen} onOpenChange={setPaletteOpen} />
      <Shortcuts onPalette={() => setPaletteOpen((open) => !open)} />
      <LiveUpdates />
    </div>
  );
}

const Alone = ({ children }: { children: ReactNode }) => (
  <main className="flex min-h-dvh items-center justify-center p-4">{children}</main>
);

function UnknownWorkspace({
  session,
}: {
  session: { workspaces: { slug: string; name: string }[] };
}) {
  const router = useRouter();
  return (
    <Alone>
      <EmptyState
        icon={<Logo />}
        title="You are not a member of this workspace"
        action={session.workspaces.map((workspace) => (
          <Button key={workspace.slug} onClick={() => router.push(`/${workspace.slug}/overview`)}>
            Open {workspace.name}
          </Button>
        ))}
      >
        It may have another name, or somebody has to invite you to it.
      </EmptyState>
    </Alone>
  );
}

function LoadingShell() {
  return (
    <div className="min-h-dvh lg:pl-56">
      <aside
        aria-hidden
        className="fixed inset-y-0 left-0 hidden w-56 space-y-2 border-r p-3 lg:block"
      >
        <Skeleton className="mb-4 h-9" />
        {["a", "b", "c", "d", "e", "f"].map((key) => (
          <Skeleton key={key} className="h-7" />
        ))}
      </aside>
      <main className="mx-auto max-w-7xl px-4 py-5 sm:px-6 lg:px-8 lg:py-7">
        <PageSkeleton />
      </main>
    </div>
  );
}
