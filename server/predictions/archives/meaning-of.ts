/**
 * The condition that any row of a request has a value of a feature, as text or as what the text means
 * in JSON, with its parameters. The name goes as a JSON pointer (RFC 6901), a parameter like the value.
 */
export function meaningOf({ name, value }: { name: string; value: string }): {
  condition: string;
  values: Record<string, string | number>;
} {
  const values: Record<string, string | number> = {
    pointer: `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`,
    text: value,
  };
  const type = "json_type(one, $pointer)";
  const told = "json_extract_string(one, $pointer)";
  const any = [`(${type} = 'VARCHAR' and ${told} = $text)`];
  if (value === "true" || value === "false") any.push(`(${type} = 'BOOLEAN' and ${told} = $text)`);
  if (value === "null" || value === "") any.push(`${type} = 'NULL'`);
  const number = value.trim() === "" ? Number.NaN : Number(value);
  if (Number.isFinite(number)) {
    any.push(`(${type} not in ('VARCHAR', 'BOOLEAN') and try_cast(${told} as double) = $number)`);
    values.number = number;
  }
  return {
    condition: `len(list_filter(json_extract(inputs, '$[*]'), lambda one: ${any.join(" or ")})) > 0`,
    values,
  };
}
