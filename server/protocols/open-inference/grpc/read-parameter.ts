import { badRequest, type ParameterValue, quoted } from "@/server/protocols/open-inference/codec";
import type { WireReader } from "./wire-reader";

/** One entry of a map of InferParameter. Throws ProtocolError 400 for an entry without a value. */
export function readParameter(entry: WireReader): [name: string, value: ParameterValue] {
  let name = "";
  let value: ParameterValue | undefined;
  while (entry.next()) {
    if (entry.field === 1) name = entry.text();
    else if (entry.field === 2) value = readValue(entry.message());
    else entry.skip();
  }
  if (value === undefined) throw badRequest(`parameter ${quoted(name)} has no value`);
  return [name, value];
}

function readValue(choice: WireReader): ParameterValue | undefined {
  let value: ParameterValue | undefined;
  while (choice.next()) {
    if (choice.field === 1) value = choice.boolean();
    else if (choice.field === 2) value = choice.integer(true);
    else if (choice.field === 3) value = choice.text();
    else if (choice.field === 4) value = choice.double();
    else if (choice.field === 5) value = choice.integer(false);
    else choice.skip();
  }
  return value;
}
