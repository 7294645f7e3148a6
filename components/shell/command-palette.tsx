"use client";
import { Dialog as Base } from "@base-ui/react/dialog";
import { useQuery } from "@tanstack/react-query";
import { Command } from "cmdk";
import {
  BookOpen,
  Boxes,
  ChartLine,
  Cpu,
  Database,
  KeyRound,
  type LucideIcon,
  Moon,
  Plus,
  Rocket,
  Sun,
  Upload,
} from "lucide-react";
import { useRouter } from "next/navigation";
import { type ReactNode, useDeferredValue, useState } from "react";
import { useTRPC } from "@/components/trpc/client";
import { PLACES, SETTINGS } from "./navigation";
import { setTheme, useTheme } from "./theme";
import { useWorkspace } from "./workspace";

/** Finds pages, models, deployments, datasets, experiments and actions by a few letters. */
export function CommandPalette({
  open,
  onOpenChange,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  return (
    <Base.Root open={open} onOpenChange={onOpenChange}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 min-h-dvh bg-black/40 transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Base.Popup className="fixed top-[12vh] left-1/2 z-50 w-[min(36rem,calc(100vw-1.5rem))] -translate-x-1/2 overflow-hidden rounded-xl border bg-raised shadow-pop outline-none transition-[opacity,scale] duration-100 data-ending-style:scale-[0.98] data-ending-style:opacity-0 data-starting-style:scale-[0.98] data-starting-style:opacity-0">
          <Base.Title className="sr-only">Search</Base.Title>
          <Palette close={() => onOpenChange(false)} />
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

function Palette({ close }: { close: () => void }) {
  const router = useRouter();
  const [text, setText] = useState("");
  const go = (href: string) => {
    close();
    router.push(href);
  };
  return (
    <Command label="Search" loop>
      <Command.Input
        autoFocus
        value={text}
        onValueChange={setText}
        placeholder="Search pages, models, experiments, datasets…"
        className="h-12 w-full border-b bg-transparent px-4 text-sm outline-none placeholder:text-fg-subtle"
      />
      <Command.List className="max-h-[min(24rem,60vh)] overflow-y-auto p-1.5">
        <Command.Empty className="p-6 text-center text-13 text-fg-subtle">
          Nothing matches.
        </Command.Empty>
        <Pages go={go} />
        <Things search={text} go={go} />
        <Actions go={go} close={close} />
      </Command.List>
    </Command>
  );
}

const Group = ({ heading, children }: { heading: string; children: ReactNode }) => (
  <Command.Group
    heading={heading}
    className="[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-2xs [&_[cmdk-group-heading]]:text-fg-subtle"
  >
    {children}
  </Command.Group>
);

function Item({
  id,
  icon: Icon,
  label,
  detail,
  onSelect,
}: {
  id: string;
  icon: LucideIcon;
  label: string;
  detail?: string;
  onSelect: () => void;
}) {
  return (
    <Command.Item
      value={`${label} ${id}`}
      onSelect={onSelect}
      className="flex h-9 cursor-default select-none items-center gap-2.5 rounded-md px-2 text-13 data-[selected=true]:bg-hover"
    >
      <Icon aria-hidden className="size-4 text-fg-subtle" />
      <span className="min-w-0 flex-1 truncate">{label}</span>
      {detail && <span className="text-fg-subtle text-xs">{detail}</span>}
    </Command.Item>
  );
}

function Pages({ go }: { go: (href: string) => void }) {
  const { path, can } = useWorkspace();
  return (
    <Group heading="Pages">
      {[...PLACES, SETTINGS]
        .filter((place) => can(place.permission))
        .map((place) => (
          <Item
            key={place.segment}
            id={`page ${place.segment}`}
            icon={place.icon}
            label={place.label}
            detail={`g ${place.key}`}
            onSelect={() => go(path(place.segment))}
          />
        ))}
    </Group>
  );
}

function Things({ search, go }: { search: string; go: (href: string) => void }) {
  const trpc = useTRPC();
  const { path } = useWorkspace();
  const deferred = useDeferredValue(search.trim()) || undefined;
  const keep = { placeholderData: <T,>(before: T) => before };
  const input = { search: deferred, limit: 6 };
  const models = useQuery({ ...trpc.registry.listModels.queryOptions(input), ...keep });
  const deployments = useQuery({ ...trpc.deployments.list.queryOptions(input), ...keep });
  const datasets = useQuery({ ...trpc.datasets.list.queryOptions(input), ...keep });
  const experiments = useQuery({ ...trpc.experiments.list.queryOptions(input), ...keep });
  const groups = [
    { heading: "Models", segment: "registry", icon: Boxes, items: models.data?.items },
    {
      heading: "Deployments",
      segment: "deployments",
      icon: Rocket,
      items: deployments.data?.items,
    },
    { heading: "Datasets", segment: "datasets", icon: Database, items: datasets.data?.items },
    {
      heading: "Experiments",
      segment: "experiments",
      icon: ChartLine,
      items: experiments.data?.items,
    },
  ];
  return groups.map(
    (group) =>
      group.items &&
      group.items.length > 0 && (
        <Group key={group.segment} heading={group.heading}>
          {group.items.map((item) => (
            <Item
              key={item.id}
              id={item.id}
              icon={group.icon}
              label={item.name}
              onSelect={() => go(path(group.segment, item.id))}
            />
          ))}
        </Group>
      ),
  );
}

function Actions({ go, close }: { go: (href: string) => void; close: () => void }) {
  const { path, can } = useWorkspace();
  const { dark } = useTheme();
  return (
    <Group heading="Actions">
      {can("datasets:write") && (
        <Item
          id="action upload"
          icon={Upload}
          label="Upload a dataset"
          onSelect={() => go(`${path("datasets")}?upload=true`)}
        />
      )}
      {can("training:write") && (
        <Item
          id="action train"
          icon={Cpu}
          label="Start a training"
          onSelect={() => go(path("training", "new"))}
        />
      )}
      {can("experiments:write") && (
        <Item
          id="action experiment"
          icon={Plus}
          label="Create an experiment"
          onSelect={() => go(`${path("experiments")}?create=true`)}
        />
      )}
      {can("models:write") && (
        <Item
          id="action model"
          icon={Plus}
          label="Create a model"
          onSelect={() => go(`${path("registry")}?create=true`)}
        />
      )}
      {can("api_keys:write") && (
        <Item
          id="action key"
          icon={KeyRound}
          label="Create an API key"
          onSelect={() => go(`${path("settings", "api-keys")}?create=true`)}
        />
      )}
      <Item
        id="action docs"
        icon={BookOpen}
        label="Open the API reference"
        onSelect={() => window.open("/docs/api", "_blank", "noopener")}
      />
      <Item
        id="action theme"
        icon={dark ? Sun : Moon}
        label={dark ? "Use the light theme" : "Use the dark theme"}
        onSelect={() => {
          setTheme(dark ? "light" : "dark");
          close();
        }}
      />
    </Group>
  );
}
