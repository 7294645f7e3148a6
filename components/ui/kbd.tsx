/** A key on the keyboard. */
export const Kbd = ({ children }: { children: string }) => (
  <kbd className="inline-flex h-5 min-w-5 items-center justify-center rounded border bg-muted px-1 font-sans text-2xs text-fg-subtle">
    {children}
  </kbd>
);
