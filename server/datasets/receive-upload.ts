import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import busboy from "busboy";
import { AppError, invalid } from "@/server/kernel/errors";
import { type StagedFile, stageFile, tooLarge } from "./stage-file";

export interface Upload {
  fields: Record<string, string>;
  file: StagedFile;
}

/** Boundaries, part headers and text fields around the file. */
const ENVELOPE_BYTES = 256 * 1024;
const FIELD_BYTES = 64 * 1024;

const refuse = (message: string, path = "") => invalid(message, [{ path, message }]);

/**
 * Reads a multipart/form-data body with one `file` and text fields, as a stream.
 * The caller discards the file. Throws payload_too_large before a byte is read when the declared
 * length is over the limit; nothing stays when it throws.
 */
export async function receiveUpload(
  body: Readable,
  headers: IncomingHttpHeaders,
  limitBytes: number,
): Promise<Upload> {
  if (Number(headers["content-length"] ?? 0) > limitBytes + ENVELOPE_BYTES) {
    throw tooLarge(limitBytes);
  }
  const parser = createParser(headers);
  const parts: Parts = { fields: new Map(), staged: [] };
  try {
    await readParts(body, parser, parts, limitBytes);
    const [file] = await Promise.all(parts.staged);
    if (!file) throw refuse('The form has no file. Send the CSV or Parquet as "file".', "file");
    return { fields: Object.fromEntries(parts.fields), file };
  } catch (error) {
    body.unpipe(parser);
    parser.destroy();
    for (const one of await Promise.allSettled(parts.staged)) {
      if (one.status === "fulfilled") await one.value.discard();
    }
    throw toRefusal(error);
  }
}

interface Parts {
  fields: Map<string, string>;
  staged: Promise<StagedFile>[];
}

/** Fills `parts` until the form ends; rejects at the first thing that is wrong. */
function readParts(
  body: Readable,
  parser: busboy.Busboy,
  { fields, staged }: Parts,
  limitBytes: number,
): Promise<void> {
  return new Promise<void>((resolve, fail) => {
    parser.on("file", (name, stream, info) => {
      stream.on("error", fail);
      if (name !== "file") {
        stream.resume();
        return fail(refuse(`The file part must be named "file", not "${name.slice(0, 50)}".`));
      }
      const file = stageFile(stream, info.filename ?? "", limitBytes);
      staged.push(file);
      file.catch(fail);
    });
    parser.on("field", (name, value, info) => {
      if (info.valueTruncated) fail(refuse(`The field ${name} is too long.`, name));
      if (fields.has(name)) fail(refuse(`The field ${name} is sent twice.`, name));
      fields.set(name, value);
    });
    parser.on("filesLimit", () => fail(refuse("Send one file only.", "file")));
    for (const limit of ["fieldsLimit", "partsLimit"] as const) {
      parser.on(limit, () => fail(refuse("The form has too many fields.")));
    }
    parser.on("error", fail);
    parser.on("close", () => resolve());
    body.on("error", fail);
    body.on("close", () => body.readableEnded || fail(cutOff()));
    body.pipe(parser);
  });
}

/** The parser and broken connections throw plain errors; the system's carry an errno. */
function toRefusal(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const { errno, code } = (error ?? {}) as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new AppError("unavailable", "There is no room for the file right now. Try again later.");
  }
  return errno === undefined || code === "ECONNRESET" ? cutOff() : error;
}

const cutOff = () =>
  refuse("The form ends before its last boundary, or is damaged. Send the whole of it.", "file");

function createParser(headers: IncomingHttpHeaders): busboy.Busboy {
  const type = headers["content-type"] ?? "";
  if (!/^multipart\/form-data\b/i.test(type)) {
    throw new AppError(
      "unsupported_media_type",
      "Send multipart/form-data with a file and a name: curl -F file=@data.csv -F name=sales.",
    );
  }
  try {
    return busboy({
      headers,
      defParamCharset: "utf8",
      limits: { files: 1, fields: 20, parts: 24, fieldSize: FIELD_BYTES, headerPairs: 32 },
    });
  } catch {
    throw refuse("The Content-Type names no boundary. Let the HTTP client write that header.");
  }
}
