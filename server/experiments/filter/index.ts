export { type ComparisonSql, compileFilter, testSql } from "./compile-filter";
export {
  EXPERIMENT_LANGUAGE,
  type FilterLanguage,
  LOGGED_MODEL_LANGUAGE,
  MODEL_VERSION_LANGUAGE,
  REGISTERED_MODEL_LANGUAGE,
  RUN_LANGUAGE,
} from "./language";
export { parseFilter } from "./parse-filter";
export { parseOrders } from "./parse-order";
export { type Comparison, type Field, type Filter, FilterError, type Order } from "./syntax";
