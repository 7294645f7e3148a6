"use client";
import { useQueryStates } from "nuqs";
import { modelSearchParams } from "@/app/(workspace)/[workspace]/registry/search-params";
import { Toolbar } from "@/components/ui/page";
import { ApprovalList } from "./approval-list";
import { FilterApprovals } from "./filter-approvals";

/** Requests about one model. */
export function ApprovalsTab({ model }: { model: { id: string } }) {
  const [{ show, request }, setParams] = useQueryStates(modelSearchParams);
  return (
    <>
      <Toolbar>
        <FilterApprovals value={show} onChange={(next) => void setParams({ show: next })} />
      </Toolbar>
      <ApprovalList
        model={model.id}
        filter={show}
        opened={request}
        onOpen={(id) => void setParams({ request: id })}
      />
    </>
  );
}
