import { REPLICAS_MAX } from "@/server/deployments/constants";
import type { SettingField } from "./setting-fields";

const WHILE_ON = { when: { path: "isEnabled", is: true } };

export const SCALING: SettingField[] = [
  {
    path: "isEnabled",
    label: "Follow the load",
    hint: "Replicas are decided every two seconds. Otherwise they are set by hand.",
    kind: "switch",
  },
  {
    path: "minReplicas",
    label: "Replicas at least",
    hint: "0: without requests the versions leave the nodes, and the next request waits for them.",
    kind: "number",
    min: 0,
    max: REPLICAS_MAX,
    ...WHILE_ON,
  },
  {
    path: "maxReplicas",
    label: "Replicas at most",
    hint: "More than there are nodes, or than can be started, are not asked for.",
    kind: "number",
    min: 1,
    max: REPLICAS_MAX,
    ...WHILE_ON,
  },
  {
    path: "metric",
    label: "Load is counted in",
    hint: "Requests at once suits models of any speed; requests a second such as are always alike.",
    kind: "choice",
    choices: [
      { value: "concurrency", label: "Requests at once" },
      { value: "rps", label: "Requests a second" },
    ],
    ...WHILE_ON,
  },
  {
    path: "target",
    label: "Load a replica takes",
    hint: "70 % of it is aimed at; the rest is room for what comes suddenly.",
    kind: "number",
    min: 0.1,
    max: 1_000_000,
    ...WHILE_ON,
  },
  {
    path: "stableWindowSeconds",
    label: "Averaged over, s",
    hint: "Twice the load within a tenth of this, at least 6 s, is followed at once and not given up before it is over.",
    kind: "number",
    min: 6,
    max: 600,
    ...WHILE_ON,
  },
  {
    path: "scaleToZeroAfterSeconds",
    label: "Idle after, s",
    hint: "Without a request, where 0 replicas are allowed, and without load in the average.",
    kind: "number",
    min: 5,
    max: 86_400,
    ...WHILE_ON,
  },
  {
    path: "holdSeconds",
    label: "Requests wait, s",
    hint: "For an idle deployment to be loaded; then they are answered 503.",
    kind: "number",
    min: 1,
    max: 300,
    ...WHILE_ON,
  },
  {
    path: "heldRequestsMax",
    label: "Requests that wait",
    hint: "For an idle deployment, in each web process; more are answered 503 at once.",
    kind: "number",
    min: 1,
    max: 10_000,
    ...WHILE_ON,
  },
  {
    path: "unloadsRollback",
    label: "Idle takes the version before along",
    hint: "The one a rollback brings back; loading it again then takes a moment.",
    kind: "switch",
    ...WHILE_ON,
  },
];
