import { humanize } from "@/components/ui/format";

/** Names whose spelling their makers chose. */
const NAMES: Record<string, string> = { xgboost: "XGBoost", lightgbm: "LightGBM" };

/** An algorithm's id as people write it. */
export const algorithmLabel = (id: string): string => NAMES[id] ?? humanize(id);
