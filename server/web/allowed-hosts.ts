import { isIP } from "node:net";

export interface HostSettings {
  HOST: string;
  MODELYARD_URL?: string | undefined;
  ALLOWED_HOSTS?: string | undefined;
}

/** Says whether browsers may ask under a Host header. */
export type HostCheck = (host: string | undefined) => boolean;

/**
 * A name of a stranger's that points at this machine must not be served as ours (DNS rebinding).
 * IP addresses cannot be rebound, localhost is the machine itself; every other name is named by the
 * settings: HOST, MODELYARD_URL and ALLOWED_HOSTS.
 */
export function createHostCheck(settings: HostSettings): HostCheck {
  const names = new Set(["localhost", settings.HOST.toLowerCase()]);
  if (settings.MODELYARD_URL) names.add(new URL(settings.MODELYARD_URL).hostname.toLowerCase());
  for (const name of (settings.ALLOWED_HOSTS ?? "").split(",")) {
    if (name.trim()) names.add(name.trim().toLowerCase());
  }
  return (host) => {
    const name = hostName(host);
    if (name === undefined) return false;
    return names.has(name) || name.endsWith(".localhost") || isIP(name) > 0;
  };
}

/** The name in a Host header, lower case, without port and brackets; undefined for what is none. */
function hostName(host: string | undefined): string | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(host ?? "");
  return (match?.[1] ?? match?.[2])?.toLowerCase();
}

/** The Origin header names the host that was asked, or the public one of the settings. */
export function isOwnOrigin(
  origin: string,
  host: string | undefined,
  publicUrl: string | undefined,
): boolean {
  if (!URL.canParse(origin)) return false;
  const asked = new URL(origin).host;
  return (
    asked === host?.toLowerCase() || (publicUrl !== undefined && asked === new URL(publicUrl).host)
  );
}
