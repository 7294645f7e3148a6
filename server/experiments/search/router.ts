import { procedure } from "@/server/trpc/init";
import {
  checkFilter,
  compareRuns,
  completeFilter,
  groupRuns,
  listColumns,
  searchRunTable,
} from "./index";
import {
  checkFilterInput,
  compareRunsInput,
  completeFilterInput,
  groupRunsInput,
  listColumnsInput,
  searchRunTableInput,
} from "./schemas";

const read = procedure("experiments:read");

export const searchProcedures = {
  searchRuns: read
    .input(searchRunTableInput)
    .query(({ ctx, input }) => searchRunTable(ctx.context, input)),
  listColumns: read
    .input(listColumnsInput)
    .query(({ ctx, input }) => listColumns(ctx.context, input)),
  groupRuns: read.input(groupRunsInput).query(({ ctx, input }) => groupRuns(ctx.context, input)),
  compareRuns: read
    .input(compareRunsInput)
    .query(({ ctx, input }) => compareRuns(ctx.context, input)),
  checkFilter: read
    .input(checkFilterInput)
    .query(({ ctx, input }) => checkFilter(ctx.context, input)),
  completeFilter: read
    .input(completeFilterInput)
    .query(({ ctx, input }) => completeFilter(ctx.context, input)),
};
