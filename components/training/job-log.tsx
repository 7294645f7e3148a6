"use client";
import { useSubscription } from "@trpc/tanstack-react-query";
import { Download } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useWorkspace } from "@/components/shell/workspace";
import { useTRPC } from "@/components/trpc/client";
import { buttonClass } from "@/components/ui/button-class";
import { Card } from "@/components/ui/card";
import { ScrollRegion } from "@/components/ui/scroll-region";
import { ErrorState } from "@/components/ui/states";
import { Switch } from "@/components/ui/toggles";
import { tidyLog } from "./tidy-log";

/** At most four repaints a second, however fast a trainer prints. */
const REPAINT_MS = 250;
/** Characters a page keeps; the download has all. */
const KEPT = 400_000;

/** The output of a job as it is written. */
export function JobLog({ job, live }: { job: string; live: boolean }) {
  const { slug } = useWorkspace();
  const log = useJobLog(job);
  const [follow, setFollow] = useState(true);
  const box = useRef<HTMLElement>(null);

  // The scroll position of the box is the external system.
  // biome-ignore lint/correctness/useExhaustiveDependencies: new text is what moves it.
  useEffect(() => {
    if (follow && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [log.text, follow]);

  return (
    <Card
      title="Log"
      flush
      description={live ? "live" : "complete"}
      actions={
        <>
          <Switch label="Follow" checked={follow} onChange={setFollow} />
          <a
            href={`/api/v1/training-jobs/${job}/logs?workspace=${encodeURIComponent(slug)}`}
            download={`training-${job}.log`}
            className={buttonClass({ size: "sm" })}
          >
            <Download aria-hidden className="size-3.5" />
            Download
          </a>
        </>
      }
    >
      {log.error ? (
        <ErrorState error={log.error} />
      ) : (
        <ScrollRegion
          ref={box}
          label="Log text"
          onWheel={(event) => event.deltaY < 0 && setFollow(false)}
          className="h-[28rem] overflow-auto bg-bg"
        >
          <pre className="whitespace-pre-wrap break-words p-4 font-mono text-xs leading-relaxed">
            {log.text === "" ? "Nothing was printed yet." : tidyLog(log.text)}
          </pre>
        </ScrollRegion>
      )}
    </Card>
  );
}

function useJobLog(job: string) {
  const trpc = useTRPC();
  const [text, setText] = useState("");
  const buffer = useRef("");
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  // The stream of the server is the external system; its timer must end with the page.
  useEffect(() => () => clearTimeout(timer.current), []);

  const subscription = useSubscription(
    trpc.training.followLogs.subscriptionOptions(
      { job, offset: 0 },
      {
        onData: ({ data }) => {
          buffer.current = (buffer.current + data.text).slice(-KEPT);
          timer.current ??= setTimeout(() => {
            timer.current = undefined;
            setText(buffer.current);
          }, REPAINT_MS);
        },
      },
    ),
  );
  return { text, error: subscription.error };
}
