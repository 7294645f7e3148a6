"use client";
import { Button as BaseButton } from "@base-ui/react/button";
import { LoaderCircle } from "lucide-react";
import Link from "next/link";
import type { ComponentProps, ReactNode } from "react";
import { type ButtonLook, buttonClass } from "./button-class";
import { Tooltip } from "./tooltip";

type ButtonProps = Omit<ComponentProps<typeof BaseButton>, "className"> &
  ButtonLook & { loading?: boolean; className?: string };

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
}: ComponentProps<typeof Link> & ButtonLook) {
  return <Link {...props} className={buttonClass({ variant, size }, className)} />;
}
