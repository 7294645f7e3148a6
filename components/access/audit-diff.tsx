import { ScrollRegion } from "@/components/ui/scroll-region";
import { diffValues } from "./diff-values";

const HEAD = "px-3 py-1.5 font-medium";

const isEmpty = (text: string | undefined): boolean => !text || text === "null";

/** Before and after of one write; only what differs, and only the side there is. */
export function AuditDiff({ before, after }: { before: unknown; after: unknown }) {
  // What was made or taken away without a value says nothing.
  const lines = diffValues(before, after).filter(
    (line) => !(isEmpty(line.before) && isEmpty(line.after)),
  );
  if (lines.length === 0) return <p className="text-fg-subtle text-xs">No values changed.</p>;
  const had = before !== null;
  const has = after !== null;
  return (
    <ScrollRegion
      label="What changed"
      className="max-h-96 overflow-auto rounded-lg border bg-surface"
    >
      <table className="w-full text-xs">
        <thead>
          <tr className="border-b text-left text-fg-subtle">
            <th scope="col" className={HEAD}>
              Field
            </th>
            {had && (
              <th scope="col" className={HEAD}>
                {has ? "Before" : "Was"}
              </th>
            )}
            {has && (
              <th scope="col" className={HEAD}>
                {had ? "After" : "Value"}
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.path} className="border-b align-top last:border-b-0">
              <th
                scope="row"
                className="whitespace-nowrap px-3 py-1.5 text-left font-mono font-normal"
              >
                {line.path || "value"}
              </th>
              {had && <Value text={line.before} sign="−" className="bg-danger-soft text-danger" />}
              {has && (
                <Value text={line.after} sign="+" className="bg-positive-soft text-positive" />
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

const Value = ({
  text,
  sign,
  className,
}: {
  text: string | undefined;
  sign: string;
  className: string;
}) => (
  <td className="min-w-32 max-w-96 px-3 py-1.5">
    {text === undefined || isEmpty(text) ? (
      <span className="text-fg-subtle">–</span>
    ) : (
      <span className={`inline-block max-w-full break-words rounded px-1 font-mono ${className}`}>
        <span aria-hidden>{sign} </span>
        {text.length > 400 ? `${text.slice(0, 400)}…` : text}
      </span>
    )}
  </td>
);
