import { Link2, ShieldAlert } from "lucide-react";
import type { ReactNode } from "react";
import { Logo } from "@/components/shell/logo";
import { buttonClass } from "@/components/ui/button-class";
import { CodeBlock } from "@/components/ui/code-block";
import { ProviderButtons } from "./provider-buttons";
import { SIGN_IN_ERRORS } from "./sign-in-errors";

/**
 * How people get in: a provider of their workspace, a one-time link or an invitation. The button, not the link, uses it up, so
 * that a mail scanner that follows links does not spend it.
 */
export function SignInPanel({
  token,
  invitation,
  error,
  workspace,
  next,
}: {
  token?: string | undefined;
  invitation?: string | undefined;
  error?: string | undefined;
  workspace?: string | undefined;
  next?: string | undefined;
}) {
  const reason = error ? (SIGN_IN_ERRORS[error] ?? SIGN_IN_ERRORS.provider) : null;
  return (
    <main className="flex min-h-dvh flex-col items-center justify-center p-4">
      <div className="w-full max-w-md">
        <div className="mb-6 flex flex-col items-center gap-3 text-center">
          <Logo size={44} />
          <div>
            <h1 className="font-semibold text-xl tracking-tight">
              {invitation ? "You are invited to Modelyard" : "Sign in to Modelyard"}
            </h1>
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
          {invitation ? (
            <UseLink name="invitation" value={invitation}>
              Join the workspace
            </UseLink>
          ) : token ? (
            <UseLink name="token" value={token}>
              Sign in
            </UseLink>
          ) : (
            <>
              <ProviderButtons workspace={workspace} next={next} />
              <hr className="my-5" />
              <HowTo />
            </>
          )}
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

const UseLink = ({
  name,
  value,
  children,
}: {
  name: "token" | "invitation";
  value: string;
  children: ReactNode;
}) => (
  <form method="post" action="/signin/link">
    <input type="hidden" name={name} value={value} />
    <button type="submit" className={buttonClass({ variant: "primary", size: "lg" }, "w-full")}>
      {children}
    </button>
    <p className="mt-3 text-center text-fg-subtle text-xs">The link works once.</p>
  </form>
);

const HowTo = () => (
  <div className="flex gap-2.5 text-13">
    <Link2 aria-hidden className="mt-0.5 size-4 shrink-0 text-fg-subtle" />
    <div className="min-w-0 flex-1 space-y-3">
      <p>
        Open the one-time link that Modelyard printed when it started, or the invitation a colleague
        sent you. Starting it again prints a new link for the administrator:
      </p>
      <CodeBlock label="Command that starts Modelyard" code="npm start" />
    </div>
  </div>
);
