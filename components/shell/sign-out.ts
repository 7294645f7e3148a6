/** Ends the session on the server, then shows the sign-in page. */
export async function signOut(): Promise<void> {
  const answer = await fetch("/api/auth/csrf");
  const { csrfToken } = (await answer.json()) as { csrfToken: string };
  await fetch("/api/auth/signout", {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ csrfToken, json: "true" }),
  });
  window.location.assign("/signin");
}
