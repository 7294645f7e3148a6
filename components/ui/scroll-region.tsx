import type { ReactNode, Ref } from "react";
import { cn } from "./class-names";

/** Content that scrolls inside the page: named, and reachable by keyboard. */
export function ScrollRegion({
  label,
  className,
  children,
  ref,
  onWheel,
}: {
  label: string;
  className?: string;
  children: ReactNode;
  ref?: Ref<HTMLElement>;
  onWheel?: (event: React.WheelEvent) => void;
}) {
  return (
    <section
      ref={ref}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard.
      tabIndex={0}
      aria-label={label}
      // What is hidden from sight inside would widen the page otherwise.
      className={cn("relative", className)}
      onWheel={onWheel}
    >
      {children}
    </section>
  );
}
