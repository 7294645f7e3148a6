import { Badge } from "@/components/ui/status";

/** A few tags; the others are counted, and named in the title. */
export function TagList({ tags, shown = 2 }: { tags: Record<string, string>; shown?: number }) {
  const texts = Object.entries(tags).map(([key, value]) => (value ? `${key}: ${value}` : key));
  if (texts.length === 0) return <span className="text-fg-subtle">–</span>;
  return (
    <span className="inline-flex flex-wrap gap-1" title={texts.join("\n")}>
      {texts.slice(0, shown).map((text) => (
        <Badge key={text}>
          <span className="max-w-40 truncate">{text}</span>
        </Badge>
      ))}
      {texts.length > shown && <Badge>+{texts.length - shown}</Badge>}
    </span>
  );
}
