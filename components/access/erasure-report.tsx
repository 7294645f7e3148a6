import type { Outputs } from "@/components/trpc/outputs";
import { formatCount } from "@/components/ui/format";

type Report = NonNullable<Outputs["privacy"]["erase"]["report"]>;

/** What was found and done by table, what stays, and what was not looked at. */
export function ErasureReportView({ report }: { report: Report }) {
  const { tables, kept, files, notes, dryRun } = report;
  return (
    <div className="space-y-4 text-13">
      {tables.length === 0 ? (
        <p className="text-fg-muted">Nothing in the database is about this person.</p>
      ) : (
        <table className="w-full text-left">
          <thead className="text-fg-subtle text-xs">
            <tr>
              <th className="py-1 font-medium">Table</th>
              <th className="py-1 text-right font-medium">Found</th>
              {!dryRun && <th className="py-1 text-right font-medium">Deleted</th>}
              {!dryRun && <th className="py-1 text-right font-medium">Changed</th>}
              {!dryRun && <th className="py-1 text-right font-medium">Left</th>}
            </tr>
          </thead>
          <tbody className="divide-y">
            {tables.map((row) => (
              <tr key={row.table}>
                <td className="py-1 font-mono text-xs">{row.table}</td>
                <td className="py-1 text-right tabular-nums">{formatCount(row.found)}</td>
                {!dryRun && (
                  <>
                    <td className="py-1 text-right tabular-nums">{formatCount(row.deleted)}</td>
                    <td className="py-1 text-right tabular-nums">{formatCount(row.changed)}</td>
                    <td className="py-1 text-right tabular-nums">{formatCount(row.left)}</td>
                  </>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Lines
        title="Files that hold it, for their owners to delete"
        lines={files.map((file) => `${file.path} (${file.owner})`)}
      />
      <Lines
        title="What stays"
        lines={kept.map((one) => `${one.place}, ${formatCount(one.rows)} rows: ${one.reason}`)}
      />
      <Lines title="Good to know" lines={notes} />
    </div>
  );
}

function Lines({ title, lines }: { title: string; lines: string[] }) {
  if (lines.length === 0) return null;
  return (
    <section>
      <h3 className="font-medium text-xs">{title}</h3>
      <ul className="mt-1 list-disc space-y-0.5 pl-4 text-fg-muted text-xs">
        {lines.map((line) => (
          <li key={line} className="break-words">
            {line}
          </li>
        ))}
      </ul>
    </section>
  );
}
