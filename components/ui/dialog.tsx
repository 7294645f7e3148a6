"use client";
import { AlertDialog as BaseAlert } from "@base-ui/react/alert-dialog";
import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import type { ReactElement, ReactNode } from "react";
import { Button } from "./button";
import { buttonClass } from "./button-class";
import { cn } from "./class-names";

const BACKDROP =
  "fixed inset-0 z-40 min-h-dvh bg-black/40 transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0 supports-[-webkit-touch-callout:none]:absolute dark:bg-black/60";
const POPUP =
  "pointer-events-auto relative flex max-h-[calc(100dvh-2rem)] w-full flex-col rounded-xl border bg-raised shadow-pop outline-none transition-[opacity,scale] duration-150 data-ending-style:scale-[0.98] data-ending-style:opacity-0 data-starting-style:scale-[0.98] data-starting-style:opacity-0";
const STAGE =
  "pointer-events-none fixed inset-0 z-50 flex items-end justify-center p-2 sm:items-center sm:p-4";

const WIDTHS = { sm: "sm:max-w-md", md: "sm:max-w-xl", lg: "sm:max-w-3xl" } as const;

interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  description?: ReactNode;
  children: ReactNode;
  /** Buttons at the foot. */
  footer?: ReactNode;
  width?: keyof typeof WIDTHS;
  /** Element focused first; by default the first field. */
  initialFocus?: React.RefObject<HTMLElement | null>;
}

/** A modal dialog: focus is trapped and goes back to what opened it. */
export function Dialog({ open, onOpenChange, title, description, children, ...rest }: DialogProps) {
  return (
    <Base.Root open={open} onOpenChange={onOpenChange}>
      <Base.Portal>
        <Base.Backdrop className={BACKDROP} />
        <div className={STAGE}>
          <Base.Popup
            className={cn(POPUP, WIDTHS[rest.width ?? "md"])}
            initialFocus={rest.initialFocus}
          >
            <header className="border-b py-4 pr-14 pl-5">
              <Base.Title className="font-semibold text-base">{title}</Base.Title>
              {description && (
                <Base.Description className="mt-0.5 text-13 text-fg-muted">
                  {description}
                </Base.Description>
              )}
            </header>
            <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4">{children}</div>
            {rest.footer && (
              <footer className="flex flex-wrap items-center justify-end gap-2 border-t px-5 py-3">
                {rest.footer}
              </footer>
            )}
            {/* Last in the order, so that the first field gets the focus. */}
            <Base.Close
              aria-label="Close"
              className={buttonClass(
                { variant: "ghost", size: "icon-sm" },
                "absolute top-3 right-3",
              )}
            >
              <X aria-hidden className="size-4" />
            </Base.Close>
          </Base.Popup>
        </div>
      </Base.Portal>
    </Base.Root>
  );
}

/** A panel from the left edge, for the navigation on small screens. */
export function Sheet({
  open,
  onOpenChange,
  title,
  children,
}: Pick<DialogProps, "open" | "onOpenChange" | "title" | "children">) {
  return (
    <Base.Root open={open} onOpenChange={onOpenChange}>
      <Base.Portal>
        <Base.Backdrop className={BACKDROP} />
        <Base.Popup className="fixed inset-y-0 left-0 z-50 flex w-72 max-w-[85vw] flex-col border-r bg-surface shadow-pop outline-none transition-transform duration-200 ease-out data-ending-style:-translate-x-full data-starting-style:-translate-x-full">
          <Base.Title className="sr-only">{title}</Base.Title>
          {children}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

/** Asks before something that is hard to take back. */
export function ConfirmDialog({
  trigger,
  title,
  children,
  confirmLabel,
  tone = "danger",
  onConfirm,
  open,
  onOpenChange,
}: {
  trigger?: ReactElement;
  title: string;
  children: ReactNode;
  confirmLabel: string;
  tone?: "danger" | "primary";
  onConfirm: () => void;
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
}) {
  return (
    <BaseAlert.Root open={open} onOpenChange={onOpenChange}>
      {trigger && <BaseAlert.Trigger render={trigger} />}
      <BaseAlert.Portal>
        <BaseAlert.Backdrop className={BACKDROP} />
        <div className={STAGE}>
          <BaseAlert.Popup className={cn(POPUP, WIDTHS.sm)}>
            <div className="px-5 py-4">
              <BaseAlert.Title className="font-semibold text-base">{title}</BaseAlert.Title>
              <BaseAlert.Description
                render={<div />}
                className="mt-1.5 text-13 text-fg-muted leading-relaxed"
              >
                {children}
              </BaseAlert.Description>
            </div>
            <footer className="flex justify-end gap-2 border-t px-5 py-3">
              <BaseAlert.Close render={<Button>Cancel</Button>} />
              <BaseAlert.Close
                render={<Button variant={tone}>{confirmLabel}</Button>}
                onClick={onConfirm}
              />
            </footer>
          </BaseAlert.Popup>
        </div>
      </BaseAlert.Portal>
    </BaseAlert.Root>
  );
}
