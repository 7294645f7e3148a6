import { createHmac } from "node:crypto";

/** The restricted login of a database; name and password follow from the installation's secret. */
export function appLogin(
  databaseName: string,
  secret: string,
): { login: string; password: string } {
  const digest = createHmac("sha256", secret).update(`login:${databaseName}`).digest("hex");
  return { login: `modelyard_${digest.slice(0, 12)}`, password: digest.slice(12) };
}

/** The URL the processes connect with, made from the owner's. */
export function appDatabaseUrl(ownerUrl: string, secret: string): string {
  const url = new URL(ownerUrl);
  const database = decodeURIComponent(url.pathname.slice(1)) || decodeURIComponent(url.username);
  const { login, password } = appLogin(database, secret);
  url.username = login;
  url.password = password;
  return url.toString();
}
