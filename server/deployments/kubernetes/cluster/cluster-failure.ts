import { z } from "zod";

/** A field that another manager holds. */
export interface FieldConflict {
  field: string;
  manager: string;
}

/** What an API server says of itself when it refuses; everything may be missing. */
const statusBody = z.object({
  message: z.string().catch(""),
  reason: z.string().catch(""),
  details: z
    .object({
      retryAfterSeconds: z.number().nullish().catch(null),
      causes: z
        .array(
          z.object({
            reason: z.string().catch(""),
            message: z.string().catch(""),
            field: z.string().catch(""),
          }),
        )
        .catch([]),
    })
    .catch({ retryAfterSeconds: null, causes: [] }),
});

/** An API server's refusal, or that it was not reached. */
export class ClusterFailure extends Error {
  override name = "ClusterFailure";
  constructor(
    /** 0 where there was no answer. */
    readonly status: number,
    readonly reason: string,
    message: string,
    readonly conflicts: readonly FieldConflict[] = [],
    readonly retryAfterMs: number | undefined = undefined,
  ) {
    super(message);
  }

  /** Whether the same call may do better in a moment. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

const MESSAGE_MAX = 600;

/** A refusal as its status, body and Retry-After tell it. */
export function toFailure(
  status: number,
  text: string,
  retryAfter: string | null = null,
): ClusterFailure {
  const { message, reason, details } = statusBody.safeParse(parsed(text)).data ?? {
    message: text,
    reason: "",
    details: { retryAfterSeconds: null, causes: [] },
  };
  const seconds = Number(retryAfter ?? details.retryAfterSeconds ?? Number.NaN);
  const conflicts = details.causes
    .filter((cause) => cause.reason === "FieldManagerConflict")
    .map(({ field, message: said }) => ({ field, manager: /"([^"]*)"/.exec(said)?.[1] ?? "" }));
  return new ClusterFailure(
    status,
    reason,
    message.slice(0, MESSAGE_MAX) || `it answered ${status}`,
    conflicts,
    Number.isFinite(seconds) ? seconds * 1000 : undefined,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a person should do about it. */
export function inWords(failure: ClusterFailure): string {
  const { status, reason, message } = failure;
  if (status === 0) return `The Kubernetes API server cannot be reached: ${message}.`;
  if (status === 401)
    return "Kubernetes does not know Modelyard's credentials any more: renew those of KUBECONFIG, or the service account.";
  if (status === 403 && /exceeded quota|forbidden: .*quota/i.test(message))
    return `The namespace has no room for it: ${message}.`;
  if (status === 403 && /violates PodSecurity/i.test(message))
    return `The namespace does not admit the pods: ${message}.`;
  if (status === 403)
    return `Kubernetes does not allow it: ${message}. Give Modelyard's service account the rights in deploy/kubernetes/role.yaml.`;
  if (status === 404 && /^namespaces /.test(message))
    return `${message}: make the namespace, or set KUBERNETES_NAMESPACE.`;
  if (status === 404)
    return `The cluster does not know a kind that is needed (${message}): Kubernetes 1.30 or newer is, and the Prometheus operator for KUBERNETES_POD_MONITOR.`;
  if (status === 422 || reason === "Invalid") return `Kubernetes refuses the objects: ${message}.`;
  if (status === 429) return "The Kubernetes API server asks to be called less often.";
  if (status >= 500) return `The Kubernetes API server has trouble of its own: ${message}.`;
  return `Kubernetes refuses it: ${message}.`;
}
