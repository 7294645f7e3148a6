/** A tiny line without axes; the figure beside it says the value. Gaps stay gaps. */
export function Sparkline({
  values,
  label,
  width = 96,
  height = 24,
}: {
  values: (number | null)[];
  /** What it shows, for those who do not see it. */
  label: string;
  width?: number;
  height?: number;
}) {
  const numbers = values.filter((value) => value !== null);
  const high = Math.max(...numbers, 0);
  const low = Math.min(...numbers, 0);
  const span = high - low || 1;
  const step = values.length > 1 ? width / (values.length - 1) : width;
  let pen = "M";
  const path = values
    .map((value, index) => {
      if (value === null) {
        pen = "M";
        return "";
      }
      const point = `${pen}${(index * step).toFixed(1)},${(height - 2 - ((value - low) / span) * (height - 4)).toFixed(1)}`;
      pen = "L";
      return point;
    })
    .join("");
  return (
    <svg role="img" aria-label={label} width={width} height={height} className="shrink-0">
      <line x1="0" x2={width} y1={height - 1.5} y2={height - 1.5} stroke="var(--line)" />
      <path d={path} fill="none" stroke="var(--chart-1)" strokeWidth="1.5" strokeLinejoin="round" />
    </svg>
  );
}
