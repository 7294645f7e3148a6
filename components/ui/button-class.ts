import { cn } from "./class-names";

const BASE =
  "inline-flex shrink-0 select-none items-center justify-center gap-1.5 whitespace-nowrap rounded-md font-medium transition-colors disabled:pointer-events-none disabled:opacity-50 data-disabled:pointer-events-none data-disabled:opacity-50";

const VARIANTS = {
  primary: "bg-accent text-white shadow-card hover:bg-accent-hover",
  secondary:
    "border border-line-strong bg-surface text-fg shadow-card hover:bg-hover data-popup-open:bg-hover",
  ghost: "text-fg-muted hover:bg-hover hover:text-fg data-popup-open:bg-hover",
  danger: "bg-[#bd232b] text-white shadow-card hover:bg-[#a01b22]",
} as const;

const SIZES = {
  sm: "h-7 px-2.5 text-13",
  md: "h-8 px-3 text-13",
  lg: "h-10 px-4 text-sm",
  icon: "size-8 p-0",
  "icon-sm": "size-7 p-0",
} as const;

export interface ButtonLook {
  variant?: keyof typeof VARIANTS;
  size?: keyof typeof SIZES;
}

/** The class names of a button, for elements another library renders. */
export const buttonClass = (
  { variant = "secondary", size = "md" }: ButtonLook = {},
  extra?: string,
) => cn(BASE, VARIANTS[variant], SIZES[size], extra);
