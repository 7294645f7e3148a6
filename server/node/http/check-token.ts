import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { ProtocolError } from "@/server/protocols/open-inference/codec";

/**
 * Prepares the check of the shared token: `x-modelyard-node-token: <token>`, or as a bearer token
 * for scrapers that can send nothing else. Compared in constant time. The check throws
 * ProtocolError 401; without a configured token it lets everyone in.
 */
export function tokenCheck(
  token: string | undefined,
): (request: { headers: IncomingMessage["headers"] }) => void {
  if (token === undefined) return () => undefined;
  const expected = Buffer.from(token);
  return (request) => {
    const header = request.headers["x-modelyard-node-token"];
    const bearer = request.headers.authorization?.replace(/^Bearer /i, "");
    const given = Buffer.from(typeof header === "string" ? header : (bearer ?? ""));
    if (given.byteLength !== expected.byteLength || !timingSafeEqual(given, expected))
      throw new ProtocolError(401, "the node token is missing or wrong");
  };
}
