import { TextField } from "@/components/ui/field";

/** Tags in one line, as `parseTags` reads them. */
export const TagsField = ({
  value,
  onChange,
}: {
  value: string;
  onChange: (tags: string) => void;
}) => (
  <TextField
    label="Tags"
    optional
    hint="Pairs like team=risk, separated by commas."
    value={value}
    onChange={onChange}
  />
);
