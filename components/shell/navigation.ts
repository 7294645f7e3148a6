import {
  Boxes,
  ChartLine,
  Cpu,
  Database,
  LayoutDashboard,
  type LucideIcon,
  Rocket,
  ScrollText,
  Server,
  Settings,
} from "lucide-react";
import type { Permission } from "@/server/access/constants";

export interface Place {
  /** URL segment, the slice's own word. */
  segment: string;
  label: string;
  icon: LucideIcon;
  /** Second key after `g`. */
  key: string;
  permission: Permission;
}

/** The menu, in the order of the work: data, training, models, serving. */
export const PLACES: Place[] = [
  {
    segment: "overview",
    label: "Overview",
    icon: LayoutDashboard,
    key: "o",
    permission: "workspace:read",
  },
  { segment: "datasets", label: "Datasets", icon: Database, key: "d", permission: "datasets:read" },
  { segment: "training", label: "Training", icon: Cpu, key: "t", permission: "training:read" },
  {
    segment: "experiments",
    label: "Experiments",
    icon: ChartLine,
    key: "e",
    permission: "experiments:read",
  },
  { segment: "registry", label: "Models", icon: Boxes, key: "m", permission: "models:read" },
  {
    segment: "deployments",
    label: "Deployments",
    icon: Rocket,
    key: "p",
    permission: "deployments:read",
  },
  {
    segment: "predictions",
    label: "Predictions",
    icon: ScrollText,
    key: "l",
    permission: "predictions:read",
  },
  { segment: "nodes", label: "Nodes", icon: Server, key: "n", permission: "nodes:read" },
];

export const SETTINGS: Place = {
  segment: "settings",
  label: "Settings",
  icon: Settings,
  key: "s",
  permission: "workspace:read",
};

/** A path inside a workspace. */
export const pathIn = (slug: string, ...segments: (string | number)[]): string =>
  `/${[slug, ...segments].map((part) => encodeURIComponent(part)).join("/")}`;
