import { badRequest } from "@/server/protocols/open-inference/codec";

/**
 * The decoded segments of a request target, its query ignored: "/v2/models/a%20b?x=1" is
 * ["v2", "models", "a b"]. Throws ProtocolError 400 for broken percent encoding.
 */
export function parseTarget(target: string): string[] {
  const query = target.indexOf("?");
  const path = query === -1 ? target : target.slice(0, query);
  const segments = path.split("/").slice(1);
  if (segments.length > 1 && segments.at(-1) === "") segments.pop();
  if (!path.includes("%")) return segments;
  try {
    return segments.map(decodeURIComponent);
  } catch {
    throw badRequest("the path is not valid percent encoding");
  }
}
