"use client";
import { Button } from "@/components/ui/button";
import { CodeBlock } from "@/components/ui/code-block";
import { Dialog } from "@/components/ui/dialog";

/** The commands that add a node, for whoever has a shell on both machines. */
export function AddNodeCommands() {
  const gateway = typeof window === "undefined" ? "" : window.location.origin;
  const start = [
    "NODE_TOKEN=<token> HOST=0.0.0.0 NODE_PORT=9000 \\",
    `  npm run node -- --register ${gateway} \\`,
    "  --url http://<its address>:9000 --label zone=eu",
  ].join("\n");
  return (
    <ol className="space-y-4 text-13">
      <li className="space-y-1.5">
        <p>
          <span className="font-medium">1. On this installation,</span> print the token that nodes
          show:
        </p>
        <CodeBlock label="Print the token" code="npm run -s node -- --print-token" />
      </li>
      <li className="space-y-1.5">
        <p>
          <span className="font-medium">2. On the new machine,</span> start the node with it:
        </p>
        <CodeBlock label="Start a node" code={start} />
        <p className="text-fg-subtle text-xs">
          It reads model files from the artifact store, so it needs the same S3 settings or the same
          folder. Labels are what a deployment selects nodes by.
        </p>
      </li>
    </ol>
  );
}

export const AddNodeDialog = ({ onClose }: { onClose: () => void }) => (
  <Dialog
    open
    onOpenChange={(open) => !open && onClose()}
    title="Add a node"
    description="It appears here as soon as it has registered."
    footer={<Button onClick={onClose}>Done</Button>}
  >
    <AddNodeCommands />
  </Dialog>
);
