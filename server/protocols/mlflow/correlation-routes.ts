import { correlateFilters } from "@/server/experiments";
import { defineMlflowRoute } from "./contract";
import { missingParameter } from "./errors";
import { id, list, required, str } from "./fields";
import { experimentNumber } from "./trace-wire";

/** A number that is none is left out, as the clients expect. */
const present = (name: string, value: number) => (Number.isNaN(value) ? {} : { [name]: value });

export const correlationRoutes = [
  defineMlflowRoute({
    version: "3.0",
    methods: ["POST"],
    path: "/traces/calculate-filter-correlation",
    permission: "experiments:read",
    fields: {
      experiment_ids: list(id),
      filter_string1: required(str),
      filter_string2: required(str),
      base_filter: str,
    },
    handler: async ({ ctx, body }) => {
      if (body.experiment_ids.length === 0) throw missingParameter("experiment_ids");
      const result = await correlateFilters(ctx, {
        experimentNumbers: body.experiment_ids.map(experimentNumber),
        first: body.filter_string1,
        second: body.filter_string2,
        base: body.base_filter,
      });
      return {
        ...present("npmi", result.npmi),
        ...present("npmi_smoothed", result.npmiSmoothed),
        filter1_count: result.first,
        filter2_count: result.second,
        joint_count: result.both,
        total_count: result.total,
      };
    },
  }),
];
