"use client";
import { Settings2 } from "lucide-react";
import { useQueryStates } from "nuqs";
import { approvalsSearchParams } from "@/app/(workspace)/[workspace]/registry/search-params";
import { useWorkspace } from "@/components/shell/workspace";
import { LinkButton } from "@/components/ui/button";
import { PageHeader, Toolbar } from "@/components/ui/page";
import { ApprovalList } from "./approval-list";
import { FilterApprovals } from "./filter-approvals";

/** Every request of the workspace: what waits for a review, and what became of the others. */
export function ApprovalsPage() {
  const { path } = useWorkspace();
  const [{ show, request }, setParams] = useQueryStates(approvalsSearchParams);
  return (
    <>
      <PageHeader
        crumbs={[{ label: "Models", href: path("registry") }]}
        title="Approvals"
        description="Versions that ask to enter a stage."
        actions={
          <LinkButton href={path("registry", "stages")}>
            <Settings2 aria-hidden className="size-3.5" />
            Stages and gates
          </LinkButton>
        }
      />
      <Toolbar>
        <FilterApprovals value={show} onChange={(next) => void setParams({ show: next })} />
      </Toolbar>
      <ApprovalList
        filter={show}
        opened={request}
        onOpen={(id) => void setParams({ request: id })}
      />
    </>
  );
}
