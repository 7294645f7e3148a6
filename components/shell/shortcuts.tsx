"use client";
import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { Dialog } from "@/components/ui/dialog";
import { Kbd } from "@/components/ui/kbd";
import { Switch } from "@/components/ui/toggles";
import { PLACES, SETTINGS } from "./navigation";
import { useWorkspace } from "./workspace";

const OFF_KEY = "modelyard-single-keys-off";
/** How long the second key of `g m` may take. */
const SEQUENCE_MS = 1200;

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** What holds the keyboard while it is open. */
const OPEN = "[role=dialog], [role=alertdialog], [role=menu], [role=listbox]";

/** Moves the focus to the next or the last row of the page's lists, as far as they are drawn. */
function moveInLists(by: 1 | -1): void {
  if (document.querySelector(OPEN)) return;
  const rows = [...document.querySelectorAll<HTMLElement>("main [data-row]")];
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const row = rows[at < 0 ? 0 : at + by];
  row?.focus({ preventScroll: true });
  row?.scrollIntoView({ block: "nearest" });
}

function singleKeysOff(): boolean {
  try {
    return localStorage.getItem(OFF_KEY) === "1";
  } catch {
    return false;
  }
}

/** ⌘K, `g` sequences, j and k over lists, and the cheat sheet on `?`. Single keys can be turned off (WCAG 2.1.4). */
export function Shortcuts({ onPalette }: { onPalette: () => void }) {
  const router = useRouter();
  const { path, can } = useWorkspace();
  const [open, setOpen] = useState(false);
  const [off, setOff] = useState(singleKeysOff);
  const goAt = useRef(0);

  // The keyboard is the external system.
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        onPalette();
        return;
      }
      if (off || event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
      if (event.key === "?") setOpen(true);
      else if (event.key === "j" || event.key === "k") moveInLists(event.key === "j" ? 1 : -1);
      else if (event.key === "g") goAt.current = Date.now();
      else if (Date.now() - goAt.current < SEQUENCE_MS) {
        goAt.current = 0;
        const place = [...PLACES, SETTINGS].find((candidate) => candidate.key === event.key);
        if (place && can(place.permission)) router.push(path(place.segment));
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  });

  const toggle = (on: boolean) => {
    setOff(!on);
    try {
      localStorage.setItem(OFF_KEY, on ? "0" : "1");
    } catch {
      // Without storage the choice lasts until the page is left.
    }
  };
  return (
    <Dialog open={open} onOpenChange={setOpen} title="Keyboard shortcuts" width="sm">
      <dl className="space-y-2 text-13">
        <Line keys={["⌘", "K"]} what="Search pages, things and actions" />
        {[...PLACES, SETTINGS].map((place) => (
          <Line key={place.segment} keys={["g", place.key]} what={`Go to ${place.label}`} />
        ))}
        <Line keys={["j", "k"]} what="Next and last row of a list" />
        <Line keys={["Enter"]} what="Open the row" />
        <Line keys={["x"]} what="Choose a run of the table" />
        <Line keys={["?"]} what="This list" />
        <Line keys={["Esc"]} what="Close" />
      </dl>
      <div className="mt-4 border-t pt-3">
        <Switch checked={!off} onChange={toggle} label="Shortcuts of single keys" />
      </div>
    </Dialog>
  );
}

const Line = ({ keys, what }: { keys: string[]; what: string }) => (
  <div className="flex items-center justify-between">
    <dt className="text-fg-muted">{what}</dt>
    <dd className="flex gap-1">
      {keys.map((key) => (
        <Kbd key={key}>{key}</Kbd>
      ))}
    </dd>
  </div>
);
