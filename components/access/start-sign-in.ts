/** Begins a sign-in and leaves for the provider. Throws when the provider cannot be asked. */
export async function startSignIn(providerId: string, callbackUrl: string): Promise<void> {
  const csrf = await fetch("/api/auth/csrf");
  const { csrfToken } = (await csrf.json()) as { csrfToken: string };
  const answer = await fetch(`/api/auth/signin/${encodeURIComponent(providerId)}`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ csrfToken, callbackUrl, json: "true" }),
  });
  const { url } = (await answer.json()) as { url?: string };
  if (!answer.ok || !url) throw new Error("The provider cannot be asked.");
  window.location.assign(url);
}
