"use client";
import { Ellipsis } from "lucide-react";
import { useState } from "react";
import { Button, IconButton } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/dialog";
import { Menu, MenuItem } from "@/components/ui/menu";
import type { NodeDto } from "@/server/deployments/nodes/schemas";
import { useNodeActions } from "./use-node-actions";

const canDrain = (node: NodeDto) => node.state === "ready" || node.state === "away";

/** What an administrator may do to a node, as a menu of its row. */
export function NodeMenu({ node }: { node: NodeDto }) {
  const actions = useNodeActions(node);
  const [dialog, setDialog] = useState<"drain" | "remove" | null>(null);
  return (
    <>
      <Menu
        trigger={
          <IconButton label={`Actions of ${node.name}`} size="icon-sm" className="relative z-10">
            <Ellipsis aria-hidden className="size-4" />
          </IconButton>
        }
      >
        {node.state === "draining" || node.state === "drained" ? (
          <MenuItem onClick={actions.resume}>Take models again</MenuItem>
        ) : (
          canDrain(node) && <MenuItem onClick={() => setDialog("drain")}>Drain</MenuItem>
        )}
        <MenuItem danger disabled={node.state !== "away"} onClick={() => setDialog("remove")}>
          Remove
        </MenuItem>
      </Menu>
      <NodeDialogs node={node} dialog={dialog} onClose={() => setDialog(null)} {...actions} />
    </>
  );
}

/** The same as buttons, on the node's own page. */
export function NodeButtons({ node, onRemoved }: { node: NodeDto; onRemoved: () => void }) {
  const actions = useNodeActions(node, onRemoved);
  const [dialog, setDialog] = useState<"drain" | "remove" | null>(null);
  const isLeaving = node.state === "draining" || node.state === "drained";
  return (
    <>
      {isLeaving ? (
        <Button loading={actions.isPending} onClick={actions.resume}>
          Take models again
        </Button>
      ) : (
        <Button loading={actions.isPending} onClick={() => setDialog("drain")}>
          Drain
        </Button>
      )}
      {node.state === "away" && (
        <Button variant="danger" onClick={() => setDialog("remove")}>
          Remove
        </Button>
      )}
      <NodeDialogs node={node} dialog={dialog} onClose={() => setDialog(null)} {...actions} />
    </>
  );
}

function NodeDialogs({
  node,
  dialog,
  onClose,
  drain,
  remove,
}: {
  node: NodeDto;
  dialog: "drain" | "remove" | null;
  onClose: () => void;
  drain: () => void;
  remove: () => void;
}) {
  const close = (open: boolean) => !open && onClose();
  return (
    <>
      {dialog === "drain" && (
        <ConfirmDialog
          open
          onOpenChange={close}
          tone="primary"
          title={`Drain ${node.name}?`}
          confirmLabel="Drain"
          onConfirm={drain}
        >
          Each of its models is loaded on another node first, then given up here; no request fails.
          Models that fit no other node stay. It can be undone at any time.
        </ConfirmDialog>
      )}
      {dialog === "remove" && (
        <ConfirmDialog
          open
          onOpenChange={close}
          title={`Remove ${node.name}?`}
          confirmLabel="Remove"
          onConfirm={remove}
        >
          It is forgotten here. Should it start again, it registers by itself.
        </ConfirmDialog>
      )}
    </>
  );
}
