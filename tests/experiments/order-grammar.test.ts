import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RUN_LANGUAGE } from "@/server/experiments/filter";
import { parseOrders } from "@/server/experiments/filter/parse-order";
import { placeInFilter } from "@/server/experiments/filter/place";
import { printOrder } from "@/server/experiments/filter/print-filter";
import { orders } from "./filter-arbitraries";

describe("parseOrders", () => {
  const read = (...clauses: string[]) => parseOrders(clauses, RUN_LANGUAGE).map(printOrder);

  it("reads fields with and without a direction, in any case", () => {
    expect(
      read("metrics.`a b` DESC", "params.x asc", "attribute.start_time", "tags.y Desc"),
    ).toEqual(["metrics.`a b` DESC", "params.x ASC", "start_time ASC", "tags.y DESC"]);
    expect(read("best(metrics.auc) DESC", "min(metrics.auc)", "metrics.auc")).toEqual([
      "best(metrics.auc) DESC",
      "min(metrics.auc) ASC",
      "metrics.auc ASC",
    ]);
    expect(read("Created DESC")).toEqual(["start_time DESC"]);
  });

  it.each([
    [["metrics.x ACS"], "Invalid ordering key in order_by clause 'metrics.x ACS'."],
    [["metrics.x 'y'"], "Invalid order_by clause 'metrics.x 'y''. Could not be parsed."],
    [[""], "Invalid order_by clause ''. Could not be parsed."],
    [["dataset.name"], "Invalid order_by entity: dataset"],
    [
      ["start_time", "attribute.created DESC"],
      "`order_by` contains duplicate fields: ['start_time', 'attribute.created DESC']",
    ],
  ])("refuses %j", (clauses, message) => {
    expect(() => read(...clauses)).toThrow(message);
  });

  it("reads what it prints", () => {
    fc.assert(
      fc.property(orders, (order) => {
        expect(parseOrders([printOrder(order)], RUN_LANGUAGE)).toEqual([order]);
      }),
    );
  });
});

describe("placeInFilter", () => {
  it("answers at once however long the text is", () => {
    const started = performance.now();
    for (const text of [
      "a".repeat(20_000),
      `'${"x".repeat(19_000)}`,
      "`.".repeat(10_000),
      "(".repeat(20_000),
    ]) {
      expect(placeInFilter(text, text.length, RUN_LANGUAGE).to).toBe(text.length);
    }
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});
