import { toast } from "sonner";

/** An error of any lane (tRPC, REST, network), as a page shows it. */
export interface Failure {
  code: string;
  title: string;
  detail: string;
  requestId: string | null;
  /** Dotted path → message, for fields of a form. */
  fields: Record<string, string>;
}

interface ProblemLike {
  code?: string;
  title?: string;
  detail?: string;
  requestId?: string;
  issues?: { path: string; message: string }[];
}

/** The problem body inside a tRPC client error or a REST answer, if there is one. */
function problemOf(error: unknown): ProblemLike | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  if ("data" in error && typeof error.data === "object" && error.data && "problem" in error.data) {
    return error.data.problem as ProblemLike;
  }
  return "requestId" in error && "detail" in error ? (error as ProblemLike) : undefined;
}

export function toFailure(error: unknown): Failure {
  const problem = problemOf(error);
  if (problem) {
    return {
      code: problem.code ?? "internal",
      title: problem.title ?? "Something broke",
      detail: problem.detail ?? "",
      requestId: problem.requestId ?? null,
      fields: Object.fromEntries((problem.issues ?? []).map((i) => [i.path, i.message])),
    };
  }
  const message =
    error instanceof Error ? error.message : "The server answered in a way nobody expected.";
  const offline = /fetch|network|load failed/i.test(message);
  return {
    code: offline ? "offline" : "internal",
    title: "Something broke",
    detail: offline ? "Check the connection; the page tries again by itself." : message,
    requestId: null,
    fields: {},
  };
}

/** A toast for a failed action. */
export function toastFailure(error: unknown): void {
  const failure = toFailure(error);
  toast.error(failure.title, {
    description:
      failure.requestId && failure.code === "internal"
        ? `Request id ${failure.requestId}`
        : failure.detail,
  });
}
