"use client";
import { useState } from "react";
import { FilePicker } from "@/components/ui/file-picker";
import { formatBytes } from "@/components/ui/format";

/** Bytes of one image, as the server takes them. */
const BYTES_MAX = 10 * 1024 * 1024;
const TYPES = ["image/png", "image/jpeg", "image/webp"];

/** An image chosen or dropped; its value is a data URL. */
export function ImageField({
  label,
  value,
  error,
  onChange,
}: {
  label: string;
  value: string;
  error: string | undefined;
  onChange: (value: string) => void;
}) {
  const [file, setFile] = useState<File | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const isShown = value.startsWith("data:image/");
  const choose = (chosen: File) => {
    const wrong = problemOf(chosen);
    setProblem(wrong);
    if (wrong) return;
    setFile(chosen);
    const reader = new FileReader();
    reader.onload = () => onChange(String(reader.result));
    reader.onerror = () => setProblem("The file cannot be read.");
    reader.readAsDataURL(chosen);
  };
  return (
    <fieldset className="min-w-0 sm:col-span-2">
      <legend className="mb-1 font-medium text-13">{label}</legend>
      <div className="flex flex-wrap items-stretch gap-3">
        <div className="min-w-48 flex-1">
          <FilePicker
            file={isShown ? file : null}
            onFile={choose}
            accept={[".png", ".jpg", ".jpeg", ".webp"]}
            error={problem ?? error}
          />
        </div>
        {isShown && (
          // biome-ignore lint/performance/noImgElement: it is in the page already.
          <img
            src={value}
            alt={file ? `Preview of ${file.name}` : "Preview of the example"}
            className="max-h-40 max-w-full self-center rounded-lg border bg-muted object-contain"
          />
        )}
      </div>
    </fieldset>
  );
}

function problemOf({ type, size }: File): string | null {
  if (!TYPES.includes(type)) return "Only PNG, JPEG and WebP images are taken.";
  return size > BYTES_MAX ? `Larger than ${formatBytes(BYTES_MAX)}.` : null;
}
