"use client";
import { type ReactNode, useDeferredValue } from "react";
import { Button } from "./button";
import { Card } from "./card";
import { TextArea } from "./field";
import { Markdown } from "./markdown";

/** Markdown with its preview beside it; `charsMax` is what can be kept of it. */
export function MarkdownEditor({
  label,
  text,
  onText,
  rows = 16,
  charsMax,
  problem,
  unchanged,
  pending,
  onSave,
  onCancel,
}: {
  label: string;
  text: string;
  onText: (text: string) => void;
  rows?: number;
  charsMax?: number;
  /** Why it could not be saved. */
  problem?: ReactNode;
  /** There is nothing to save. */
  unchanged?: boolean;
  pending: boolean;
  onSave: () => void;
  onCancel: () => void;
}) {
  const preview = useDeferredValue(text);
  const excess = charsMax === undefined ? 0 : text.length - charsMax;
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <Card
        title="Markdown"
        actions={
          <>
            <Button size="sm" onClick={onCancel}>
              Cancel
            </Button>
            <Button
              size="sm"
              variant="primary"
              disabled={unchanged || excess > 0}
              loading={pending}
              onClick={onSave}
            >
              Save
            </Button>
          </>
        }
      >
        {problem && (
          <p role="alert" className="mb-3 rounded-lg bg-danger-soft p-3 text-13 text-danger">
            {problem}
          </p>
        )}
        <TextArea
          label={label}
          mono
          rows={rows}
          value={text}
          onChange={onText}
          hint={
            charsMax !== undefined &&
            `${text.length.toLocaleString("en-US")} of ${charsMax.toLocaleString("en-US")} characters`
          }
          error={excess > 0 ? `${excess.toLocaleString("en-US")} characters too long` : null}
        />
      </Card>
      <Card title="Preview">
        <div aria-live="off">
          <Markdown text={preview} />
        </div>
      </Card>
    </div>
  );
}
