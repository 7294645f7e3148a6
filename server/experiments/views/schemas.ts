import { z } from "zod";
import { storedText } from "../schemas";

/** Views one page holds. */
export const VIEWS_MAX = 100;

const page = storedText(200)
  .min(1)
  .describe("The page the view belongs to, for instance `experiment:<id>` or `experiments`.");

export const listViewsInput = z.strictObject({ page });

export const saveViewInput = z.strictObject({
  page,
  name: storedText(120).trim().min(1),
  state: z
    .record(storedText(60), storedText(8000))
    .refine((state) => Object.keys(state).length <= 50, "holds more than 50 parameters")
    .describe("URL parameters of the page."),
});

export const viewInput = z.strictObject({ view: z.uuid() });

export const viewDto = z.object({
  id: z.uuid(),
  page: z.string(),
  name: z.string(),
  state: z.record(z.string(), z.string()),
  createdBy: z.string().nullable(),
  updatedAt: z.string(),
});
export type ViewDto = z.infer<typeof viewDto>;

export const viewList = z.object({ items: z.array(viewDto), nextCursor: z.null() });
