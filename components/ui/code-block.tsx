import { cn } from "./class-names";
import { CopyButton } from "./copy-button";
import { ScrollRegion } from "./scroll-region";

/** Text to read and copy: commands, JSON, snippets. */
export function CodeBlock({
  code,
  label,
  className,
  wrap,
}: {
  code: string;
  /** Names the block for assistive technology. */
  label: string;
  className?: string;
  wrap?: boolean;
}) {
  return (
    <div className={cn("group relative min-w-0 rounded-lg border bg-muted", className)}>
      <div className="absolute top-1 right-1 z-10 rounded-md bg-muted">
        <CopyButton text={code} label={`Copy: ${label}`} />
      </div>
      <ScrollRegion label={label} className="max-h-96 overflow-auto rounded-lg">
        <pre
          className={cn(
            "p-3 pr-10 text-left font-mono text-fg text-xs leading-relaxed",
            wrap && "whitespace-pre-wrap break-all",
          )}
        >
          {code}
        </pre>
      </ScrollRegion>
    </div>
  );
}
