/**
 * The condition that any row of a request has a value of a feature, as text or as what the text means
 * in JSON, with its parameters. The name goes as a JSON pointer (RFC 6901), a parameter like the value.
 * Most requests have one row, whose value is taken out of the text at once.
 */
export function meaningOf({ name, value }: { name: string; value: string }): {
  condition: string;
  values: Record<string, string | number>;
} {
  const pointer = `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
  const values: Record<string, string | number> = {
    ...{ pointer, first_pointer: `/0${pointer}`, text: value },
  };
  const words = ["true", "false", "null"].filter(
    (word) => word === value || (word === "null" && value === ""),
  );
  const number = value.trim() === "" ? Number.NaN : Number(value);
  if (Number.isFinite(number)) values.number = number;
  // A value as JSON writes it: a text in quotes, a number or a word without.
  const isMeant = (json: string) => {
    const any = [
      `${json} = to_json($text)::varchar`,
      ...words.map((word) => `${json} = '${word}'`),
    ];
    if (values.number !== undefined) any.push(`try_cast(${json} as double) = $number`);
    return `(${any.join(" or ")})`;
  };
  const one = isMeant("json_extract(inputs, $first_pointer)::varchar");
  const each = isMeant("json_extract(one, $pointer)::varchar");
  return {
    condition: `case when "rows" = 1 then ${one} else len(list_filter(json_extract(inputs, '$[*]'), lambda one: ${each})) > 0 end`,
    values,
  };
}
