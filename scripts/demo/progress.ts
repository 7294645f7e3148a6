/** Progress bars for a terminal: redrawn in place, or one line a change where there is no terminal. */
export class ProgressBars {
  private drawn = 0;
  private last = "";

  draw(rows: { label: string; fraction: number; note: string }[]): void {
    const width = Math.max(...rows.map((row) => row.label.length));
    const lines = rows.map(({ label, fraction, note }) => {
      const full = Math.round(Math.min(1, Math.max(0, fraction)) * 24);
      const percent = `${Math.round(fraction * 100)} %`.padStart(5);
      return `  ${label.padEnd(width)}  ${"█".repeat(full)}${"░".repeat(24 - full)} ${percent}  ${note}`;
    });
    const text = lines.join("\n");
    if (text === this.last) return;
    this.last = text;
    if (process.stdout.isTTY && this.drawn > 0) process.stdout.write(`\u001b[${this.drawn}A`);
    for (const line of lines)
      process.stdout.write(process.stdout.isTTY ? `\u001b[2K${line}\n` : `${line}\n`);
    if (!process.stdout.isTTY) process.stdout.write("\n");
    this.drawn = lines.length;
  }
}
