import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import busboy from "busboy";
import { AppError, invalid } from "@/server/kernel/errors";

const FIELD_BYTES_MAX = 4 * 1024 * 1024;
const LIMITS = { files: 1, fields: 20, parts: 24, fieldSize: FIELD_BYTES_MAX, headerPairs: 32 };

/**
 * Reads a form with one file named `model`, handing its bytes on as they come. Answers the fields
 * and what `store` answered. Throws validation_failed for another form or one that is cut off.
 */
export async function receiveModel<T>(
  incoming: IncomingMessage,
  store: (content: Readable) => Promise<T>,
): Promise<{ fields: Record<string, string>; stored: T }> {
  const form = openForm(incoming);
  const fields = new Map<string, string>();
  const stored: Promise<T>[] = [];
  const { promise: failure, reject: fail } = Promise.withResolvers<never>();
  failure.catch(() => undefined);
  form.on("file", (name, content) => {
    content.on("error", () => undefined);
    if (name !== "model") {
      content.resume();
      return fail(refuse('Send the model file as the part "model".', "model"));
    }
    const storing = store(content);
    storing.catch(fail);
    stored.push(storing);
  });
  form.on("field", (name, value, { valueTruncated }) => {
    if (valueTruncated || fields.has(name))
      fail(refuse(`The field ${name} is too long, or twice there.`, name));
    fields.set(name, value);
  });
  for (const limit of ["filesLimit", "fieldsLimit", "partsLimit"] as const) {
    form.on(limit, () => fail(refuse("The form holds one file and 20 fields at most.")));
  }
  incoming.on("close", () => incoming.readableEnded || fail(new Error("the connection broke")));
  incoming.pipe(form);
  try {
    await Promise.race([once(form, "close"), failure]);
    const [first] = await Promise.race([Promise.all(stored), failure]);
    if (stored.length === 0) throw refuse('The form has no part "model".', "model");
    return { fields: Object.fromEntries(fields), stored: first as T };
  } catch (error) {
    incoming.unpipe(form);
    form.destroy();
    await Promise.allSettled(stored);
    throw error instanceof AppError ? error : refuse("The form is damaged or ends too early.");
  }
}

const refuse = (message: string, path = "") => invalid(message, [{ path, message }]);

function openForm({ headers }: IncomingMessage): busboy.Busboy {
  if (!/^multipart\/form-data\b/i.test(headers["content-type"] ?? "")) {
    throw new AppError(
      "unsupported_media_type",
      "Send multipart/form-data: curl -F model=@model.onnx -F task=regression.",
    );
  }
  try {
    return busboy({ headers, defParamCharset: "utf8", limits: LIMITS });
  } catch {
    throw refuse("The Content-Type names no boundary. Let the HTTP client write that header.");
  }
}
