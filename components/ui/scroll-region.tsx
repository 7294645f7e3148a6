import type { ReactNode, Ref } from "react";

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
      className={className}
      onWheel={onWheel}
    >
      {children}
    </section>
  );
}
