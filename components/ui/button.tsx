"use client";
import { Button as BaseButton } from "@base-ui/react/button";
import { LoaderCircle } from "lucide-react";
import Link from "next/link";
import type { ComponentProps, ReactNode } from "react";
import { cn } from "./class-names";
import { Tooltip } from "./tooltip";

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

interface Look {
  variant?: keyof typeof VARIANTS;
  size?: keyof typeof SIZES;
}

/** The class names of a button, for elements another library renders. */
export const buttonClass = ({ variant = "secondary", size = "md" }: Look = {}, extra?: string) =>
  cn(BASE, VARIANTS[variant], SIZES[size], extra);

type ButtonProps = Omit<ComponentProps<typeof BaseButton>, "className"> &
  Look & { loading?: boolean; className?: string };

/** A button; while `loading` it cannot be pressed and says so. */
export function Button({ variant, size, loading, className, children, ...props }: ButtonProps) {
  return (
    <BaseButton
      {...props}
      disabled={props.disabled || loading}
      focusableWhenDisabled={loading}
      aria-busy={loading || undefined}
      className={buttonClass({ variant, size }, className)}
    >
      {loading && <LoaderCircle aria-hidden className="size-3.5 animate-spin" />}
      {children}
    </BaseButton>
  );
}

/** A square button with an icon; the label is read aloud and shown as a tooltip. */
export function IconButton({
  label,
  size = "icon",
  variant = "ghost",
  ...props
}: ButtonProps & { label: string; children: ReactNode }) {
  return (
    <Tooltip text={label}>
      <Button {...props} size={size} variant={variant} aria-label={label} />
    </Tooltip>
  );
}

/** A link that looks like a button. */
export function LinkButton({
  variant,
  size,
  className,
  ...props
}: ComponentProps<typeof Link> & Look) {
  return <Link {...props} className={buttonClass({ variant, size }, className)} />;
}
