import { WORKSPACE_HEADER } from "@/components/trpc/client";

/** A thing that an address of MLflow's own pages is about. */
export interface MlflowAddress {
  /** Where REST tells of it. */
  resource: string;
  /** Its page inside a workspace, by the id REST tells. */
  page: (id: string) => string;
}

const segment = "([^/?]+)";
const KINDS: [RegExp, (...parts: string[]) => MlflowAddress][] = [
  [
    new RegExp(`^#/experiments/${segment}/runs/${segment}`),
    (_experiment, run = "") => ({
      resource: `runs/${run}`,
      page: (id) => `experiments/runs/${id}`,
    }),
  ],
  [
    new RegExp(`^#/experiments/${segment}`),
    (experiment = "") => ({
      resource: `experiments/${experiment}`,
      page: (id) => `experiments/${id}`,
    }),
  ],
  [
    new RegExp(`^#/models/${segment}/versions/(\\d+)`),
    (model = "", version = "") => ({
      resource: `models/${model}`,
      page: (id) => `registry/${id}/versions/${version}`,
    }),
  ],
  [
    new RegExp(`^#/models/${segment}`),
    (model = "") => ({ resource: `models/${model}`, page: (id) => `registry/${id}` }),
  ],
];

/** Reads the fragment of an address as the MLflow client prints it after a run; null for any other. */
export function readMlflowAddress(fragment: string): MlflowAddress | null {
  for (const [pattern, make] of KINDS) {
    const match = pattern.exec(fragment);
    if (match) return make(...match.slice(1));
  }
  return null;
}

/** The path of the page in the first of the workspaces that has the thing; null when none has. */
export async function findMlflowPage(
  address: MlflowAddress,
  workspaces: readonly string[],
): Promise<string | null> {
  for (const slug of workspaces) {
    const answer = await fetch(`/api/v1/${address.resource}`, {
      headers: { [WORKSPACE_HEADER]: slug },
    });
    if (!answer.ok) continue;
    const { id } = (await answer.json()) as { id: string };
    return `/${slug}/${address.page(id)}`;
  }
  return null;
}
