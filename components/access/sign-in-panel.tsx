import { Link2, ShieldAlert } from "lucide-react";
import { Logo } from "@/components/shell/logo";
import { CodeBlock } from "@/components/ui/code-block";

const REASONS = {
  used: {
    title: "This link was used already",
    text: "A sign-in link works once. Start Modelyard again to print a new one, or ask for a new invitation.",
  },
  invalid: {
    title: "This link is not valid",
    text: "It may be cut off or too old. Start Modelyard again to print a new one, or ask for a new invitation.",
  },
} as const;

/** How people get in: by a one-time link. `problem` says why the last link did not work. */
export function SignInPanel({ problem }: { problem?: keyof typeof REASONS | null }) {
  const reason = problem ? REASONS[problem] : null;
  return (
    <main className="flex min-h-dvh flex-col items-center justify-center p-4">
      <div className="w-full max-w-md">
        <div className="mb-6 flex flex-col items-center gap-3 text-center">
          <Logo size={44} />
          <div>
            <h1 className="font-semibold text-xl tracking-tight">Sign in to Modelyard</h1>
            <p className="mt-1 text-13 text-fg-muted">
              Build, register, launch and watch models in one place.
            </p>
          </div>
        </div>
        <div className="rounded-xl border bg-surface p-5 shadow-card">
          {reason && (
            <div
              role="alert"
              className="mb-4 flex gap-2.5 rounded-lg bg-warning-soft p-3 text-13 text-warning"
            >
              <ShieldAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
              <div>
                <p className="font-semibold">{reason.title}</p>
                <p>{reason.text}</p>
              </div>
            </div>
          )}
          <div className="flex gap-2.5 text-13">
            <Link2 aria-hidden className="mt-0.5 size-4 shrink-0 text-fg-subtle" />
            <div className="min-w-0 flex-1 space-y-3">
              <p>
                Open the one-time link that Modelyard printed when it started, or the invitation
                link a colleague sent you. Starting Modelyard again prints a new link for the
                administrator:
              </p>
              <CodeBlock label="Command that starts Modelyard" code="npm start" />
            </div>
          </div>
        </div>
        <p className="mt-4 text-center text-fg-subtle text-xs">
          Programs use an API key instead. See the{" "}
          <a href="/docs/api" className="text-accent-text underline underline-offset-2">
            API reference
          </a>
          .
        </p>
      </div>
    </main>
  );
}
