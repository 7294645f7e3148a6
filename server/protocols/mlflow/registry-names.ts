import { AppError } from "@/server/kernel/errors";
import { invalidParameter, MlflowError } from "./errors";

/** A model by exactly the name a client wrote, whatever it looks like. */
export const modelNamed = (name: string) => ({ model: `name:${name}` });

/** A version by the number a client wrote. Throws INVALID_PARAMETER_VALUE for what is no number. */
export function versionNamed(name: string, version: string) {
  if (!/^\s*\d{1,18}\s*$/.test(version)) {
    throw invalidParameter(`Parameter 'version' must be an integer, got '${version}'.`);
  }
  // Longer numbers belong to no version; the verb says so.
  return { ...modelNamed(name), version: version.trim().replace(/^0+(?=\d)/, "") };
}

/** Says what does not exist, or does already, in the words clients and their users know. */
export async function inWords<T>(
  named: { name: string; version?: string; newName?: string },
  call: () => Promise<T>,
): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { name, version, newName = name } = named;
    const isModel = error.code === "not_found" && error.message.startsWith("The model does");
    if (isModel && version === undefined) {
      throw new MlflowError(
        "RESOURCE_DOES_NOT_EXIST",
        `Registered Model with name=${name} not found`,
      );
    }
    if (isModel || (error.code === "not_found" && error.message.startsWith("The version does"))) {
      throw new MlflowError(
        "RESOURCE_DOES_NOT_EXIST",
        `Model Version (name=${name}, version=${version}) not found`,
      );
    }
    if (error.code === "conflict" && error.message.startsWith("A model named")) {
      throw new MlflowError(
        "RESOURCE_ALREADY_EXISTS",
        `Registered Model (name=${newName}) already exists.`,
      );
    }
    throw error;
  }
}
