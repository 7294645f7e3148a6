import { randomUUID } from "node:crypto";
import { type Things, valuesFor } from "./populated";
import type { ListedRoute } from "./routes";

export interface Sent {
  status: number;
  body: string;
}

/** The path of a route with its placeholders filled; unknown ones get a random id. */
export const fillPath = (route: Pick<ListedRoute, "path" | "name">, things: Things): string =>
  route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = valuesFor(name, things, `${route.path} ${route.name}`)[0] ?? randomUUID();
    return name === "rest" || name === "path"
      ? value.split("/").map(encodeURIComponent).join("/")
      : encodeURIComponent(value);
  });

/** Sends an empty input: what the caller may do is decided before it is looked at. */
export async function sendRoute(
  url: string,
  route: ListedRoute,
  options: { things: Things; credential?: string | undefined; from?: string },
): Promise<Sent> {
  const writes = route.method !== "GET" && route.method !== "HEAD";
  const query = route.adapter === "tRPC" && !writes ? "?input=%7B%7D" : "";
  const reply = await fetch(`${url}${fillPath(route, options.things)}${query}`, {
    method: route.method,
    redirect: "manual",
    headers: {
      ...(options.credential ? { authorization: options.credential } : {}),
      ...(options.from ? { "x-forwarded-for": options.from } : {}),
      ...(writes ? { "content-type": "application/json" } : {}),
    },
    ...(writes ? { body: "{}" } : {}),
  });
  if (/event-stream/.test(reply.headers.get("content-type") ?? "")) {
    return firstEvent(reply);
  }
  return { status: reply.status, body: await reply.text() };
}

/** A stream answers 200 before it is asked anything: a refusal is its first event. */
async function firstEvent(reply: Response): Promise<Sent> {
  const reader = reply.body?.getReader();
  const late = new Promise<undefined>((resolve) => setTimeout(resolve, 1_000, undefined));
  let text = "";
  while (reader && !text.includes("serialized-error")) {
    const piece = await Promise.race([reader.read(), late]);
    if (!piece || piece.done) break;
    text += Buffer.from(piece.value).toString("utf8");
  }
  await reader?.cancel();
  const refused = /serialized-error/.test(text)
    ? /"httpStatus":(\d{3})/.exec(text)?.[1]
    : undefined;
  return { status: refused ? Number(refused) : reply.status, body: refused ? text : "" };
}
