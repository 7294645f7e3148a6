import Link from "next/link";
import type { ReactNode } from "react";

/** A link inside a line of text: underlined, so that color is not its only mark. */
export const TextLink = ({ href, children }: { href: string; children: ReactNode }) => (
  <Link
    href={href}
    className="text-accent-text underline decoration-accent-text/40 underline-offset-2 hover:decoration-accent-text"
  >
    {children}
  </Link>
);
