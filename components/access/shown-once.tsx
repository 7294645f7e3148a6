import { CodeBlock } from "@/components/ui/code-block";
import { CopyTextButton } from "@/components/ui/copy-button";

/** A secret that is shown this one time, ready to copy. */
export function ShownOnce({
  label,
  secret,
  note,
}: {
  label: string;
  secret: string;
  note: string;
}) {
  return (
    <div className="space-y-3">
      <p className="rounded-lg bg-warning-soft p-3 text-13 text-warning">{note}</p>
      <CodeBlock label={label} code={secret} wrap />
      <div className="flex justify-end">
        <CopyTextButton text={secret} label={`Copy ${label.toLowerCase()}`} />
      </div>
    </div>
  );
}
