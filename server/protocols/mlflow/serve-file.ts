import type { Context as HonoContext } from "hono";
import { serveObject } from "@/server/artifacts";
import type { Context } from "@/server/kernel/context";
import type { HttpBindings } from "@/server/protocols/rest/mount-routes";
import { contentTypeOf } from "./content-type";

/** Names that a header holds as they are, without quotes. */
const BARE_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,199}$/;

/** One stored file as clients of MLflow read it: a plain name stands bare in the header, as the stock server writes it. */
export async function serveFile(
  ctx: Context,
  http: HonoContext<HttpBindings>,
  file: Parameters<typeof serveObject>[2] & { path: string },
): Promise<Response> {
  const reply = await serveObject(ctx, http.req.raw, file, {
    fileName: file.path,
    contentType: contentTypeOf(file.path),
  });
  nameFile(reply.headers, file.path.split("/").at(-1) ?? "");
  return reply;
}

/** Writes an attachment's name where it needs no quotes; any other header stays as it is. */
export function nameFile(headers: Headers, name: string): void {
  if (BARE_NAME.test(name)) headers.set("content-disposition", `attachment; filename=${name}`);
}
