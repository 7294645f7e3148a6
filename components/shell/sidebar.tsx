"use client";
import { Check, ChevronsUpDown, LogOut, Monitor, Moon, Search, Sun } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { cn } from "@/components/ui/class-names";
import { humanize } from "@/components/ui/format";
import { Kbd } from "@/components/ui/kbd";
import { Menu, MenuChoices, MenuItem, MenuLink, MenuSeparator } from "@/components/ui/menu";
import { Logo } from "./logo";
import { PLACES, type Place, SETTINGS } from "./navigation";
import { signOut } from "./sign-out";
import { setTheme, useTheme } from "./theme";
import { useWorkspace } from "./workspace";

/** Workspace, search, the places of the product, and the person. */
export function Sidebar({
  onSearch,
  onNavigate,
}: {
  onSearch: () => void;
  onNavigate?: () => void;
}) {
  const { can } = useWorkspace();
  return (
    <div className="flex h-full flex-col gap-1 p-3">
      <WorkspaceSwitch />
      <button
        type="button"
        onClick={onSearch}
        className="mt-1 mb-2 flex h-8 items-center gap-2 rounded-md border bg-surface px-2.5 text-13 text-fg-subtle shadow-card hover:bg-hover"
      >
        <Search aria-hidden className="size-3.5" />
        <span className="flex-1 text-left">Search</span>
        <Kbd>⌘K</Kbd>
      </button>
      <nav aria-label="Main" className="flex flex-col gap-0.5">
        {PLACES.filter((place) => can(place.permission)).map((place) => (
          <PlaceLink key={place.segment} place={place} onNavigate={onNavigate} />
        ))}
      </nav>
      <div className="mt-auto flex flex-col gap-0.5">
        <PlaceLink place={SETTINGS} onNavigate={onNavigate} />
        <PersonMenu />
      </div>
    </div>
  );
}

function PlaceLink({ place, onNavigate }: { place: Place; onNavigate: (() => void) | undefined }) {
  const { path } = useWorkspace();
  const href = path(place.segment);
  const pathname = usePathname();
  const active = pathname === href || pathname.startsWith(`${href}/`);
  return (
    <Link
      href={href}
      onClick={onNavigate}
      aria-current={active ? "page" : undefined}
      className={cn(
        "flex h-8 items-center gap-2.5 rounded-md px-2.5 text-13 text-fg-muted hover:bg-hover hover:text-fg",
        active && "bg-hover font-medium text-fg",
      )}
    >
      <place.icon
        aria-hidden
        className={cn("size-4", active ? "text-accent-text" : "text-fg-subtle")}
      />
      {place.label}
    </Link>
  );
}

function WorkspaceSwitch() {
  const { name, slug, workspaces } = useWorkspace();
  return (
    <Menu
      align="start"
      trigger={
        <button
          type="button"
          className="flex h-10 items-center gap-2.5 rounded-md px-1.5 text-left hover:bg-hover data-popup-open:bg-hover"
        >
          <Logo />
          <span className="min-w-0 flex-1">
            <span className="block truncate font-semibold text-13 leading-tight">{name}</span>
            <span className="block text-2xs text-fg-subtle leading-tight">Modelyard</span>
          </span>
          <ChevronsUpDown aria-hidden className="size-3.5 text-fg-subtle" />
          <span className="sr-only">Switch workspace</span>
        </button>
      }
    >
      {workspaces.map((workspace) => (
        <MenuLink key={workspace.id} href={`/${workspace.slug}/overview`}>
          <span className="min-w-0 flex-1 truncate">{workspace.name}</span>
          <span className="text-2xs text-fg-subtle">{humanize(workspace.role)}</span>
          {workspace.slug === slug && <Check aria-label="present workspace" />}
        </MenuLink>
      ))}
    </Menu>
  );
}

function PersonMenu() {
  const { user, role } = useWorkspace();
  const { choice } = useTheme();
  return (
    <Menu
      align="start"
      side="top"
      trigger={
        <button
          type="button"
          className="flex h-10 items-center gap-2.5 rounded-md px-2 text-left hover:bg-hover data-popup-open:bg-hover"
        >
          <span
            aria-hidden
            className="flex size-6 shrink-0 items-center justify-center rounded-full bg-accent-soft font-semibold text-2xs text-accent-text"
          >
            {user.name.slice(0, 1).toUpperCase()}
          </span>
          <span className="min-w-0 flex-1">
            <span className="block truncate text-13 leading-tight">{user.name}</span>
            <span className="block text-2xs text-fg-subtle leading-tight">{humanize(role)}</span>
          </span>
          <span className="sr-only">Account and theme</span>
        </button>
      }
    >
      <MenuChoices
        label="Theme"
        value={choice}
        onChange={setTheme}
        choices={[
          { value: "system", label: "System", icon: <Monitor aria-hidden /> },
          { value: "light", label: "Light", icon: <Sun aria-hidden /> },
          { value: "dark", label: "Dark", icon: <Moon aria-hidden /> },
        ]}
      />
      <MenuSeparator />
      <MenuItem onClick={() => void signOut()}>
        <LogOut aria-hidden />
        Sign out
      </MenuItem>
    </Menu>
  );
}
