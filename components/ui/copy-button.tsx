"use client";
import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { toast } from "sonner";
import { Button, IconButton } from "./button";

/** Copies `text`; says so for a moment. */
export function CopyButton({ text, label = "Copy" }: { text: string; label?: string }) {
  const { copied, copy } = useCopy(text);
  return (
    <IconButton size="icon-sm" label={copied ? "Copied" : label} onClick={copy}>
      {copied ? <Check className="size-3.5 text-positive" /> : <Copy className="size-3.5" />}
    </IconButton>
  );
}

/** The same with a visible word, where copying is the main thing. */
export function CopyTextButton({ text, label = "Copy" }: { text: string; label?: string }) {
  const { copied, copy } = useCopy(text);
  return (
    <Button variant="primary" onClick={copy}>
      {copied ? <Check className="size-3.5" /> : <Copy className="size-3.5" />}
      {copied ? "Copied" : label}
    </Button>
  );
}

function useCopy(text: string) {
  const [copied, setCopied] = useState(false);
  // The browser's timer is the external system here.
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => toast.error("The browser did not allow copying. Select the text and copy it by hand."),
    );
  };
  return { copied, copy };
}
