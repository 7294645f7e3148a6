import { describe, expect, it } from "vitest";
import { pickReplica } from "./balance";
import { KEPT_FOR_LABEL } from "./constants";
import { fitsModel, matchesSelector, placementFor, placementOrder } from "./placement";
import { RetryBudget } from "./retry-budget";

const node = (url: string, weight = 1, labels: Record<string, string> = {}) => ({
  url,
  weight,
  labels,
});
const versions = Array.from({ length: 4_000 }, (_, at) => `version-${at}`);
const firsts = (nodes: ReturnType<typeof node>[]) =>
  versions.map((version) => placementOrder(version, nodes)[0]?.url);
const share = (list: (string | undefined)[], url: string) =>
  list.filter((one) => one === url).length / list.length;

describe("placement", () => {
  const three = [node("http://a"), node("http://b"), node("http://c")];

  it("is the same in every process, whatever order the nodes are known in", () => {
    for (const version of versions.slice(0, 200)) {
      expect(placementOrder(version, three)).toEqual(placementOrder(version, three.toReversed()));
    }
  });

  it("gives each node its share of the versions by weight", () => {
    const weighted = firsts([node("http://a", 1), node("http://b", 3)]);
    // Three standard deviations of a share of 4,000 draws.
    expect(share(weighted, "http://b")).toBeGreaterThan(0.75 - 0.021);
    expect(share(weighted, "http://b")).toBeLessThan(0.75 + 0.021);
  });

  it("moves only what a new node takes", () => {
    const before = firsts(three);
    const after = firsts([...three, node("http://d")]);
    const moved = before.filter((url, at) => url !== after[at]);
    expect(moved.length).toBe(after.filter((url) => url === "http://d").length);
  });

  it("puts the nodes kept for a deployment first, lets shared ones stand in, and leaves others' alone", () => {
    const mixed = [
      node("http://a"),
      node("http://b", 1, { [KEPT_FOR_LABEL]: "one" }),
      node("http://c", 1, { [KEPT_FOR_LABEL]: "two" }),
    ];
    for (const version of versions.slice(0, 50)) {
      const urls = (of: string | undefined) =>
        placementFor(version, of, mixed).map(({ url }) => url);
      expect(urls("one")).toEqual(["http://b", "http://a"]);
      expect(urls("three")).toEqual(["http://a"]);
      expect(urls(undefined)).toEqual(["http://a"]);
      expect(placementFor(version, undefined, mixed.slice(1))).toHaveLength(2);
    }
  });

  it("matches a node that has every label with its value", () => {
    const labels = { zone: "eu", device: "cuda" };
    expect(matchesSelector(labels, {})).toBe(true);
    expect(matchesSelector(labels, { zone: "eu" })).toBe(true);
    expect(matchesSelector(labels, { zone: "eu", device: "cpu" })).toBe(false);
    expect(matchesSelector(labels, { rack: "1" })).toBe(false);
  });
});

describe("the choice of a replica", () => {
  const replicas = [5, 1, 3].map((inFlight) => ({ inFlight }));

  it("takes turns, or the least busy, or the less busy of two by chance", () => {
    const turns = [0, 1, 2, 3].map((turn) => pickReplica(replicas, "round_robin", turn, () => 0));
    expect(turns.map((one) => one?.inFlight)).toEqual([5, 1, 3, 5]);
    expect(pickReplica(replicas, "least_connections", 0, () => 0)?.inFlight).toBe(1);
    // Draws 0 and 0.5 name the first and the third.
    const draws = [0, 0.5];
    expect(pickReplica(replicas, "power_of_two", 0, () => draws.shift() ?? 0)?.inFlight).toBe(3);
    expect(pickReplica([], "round_robin", 0, () => 0)).toBeUndefined();
  });
});

describe("nodes in Python", () => {
  const labels = { runtime: "python", torch: "yes" };

  it("alone take PyTorch archives and native models, and ONNX only where they are asked for", () => {
    for (const format of ["xgboost", "lightgbm", "skops"] as const) {
      expect(fitsModel({ runtime: "python" }, { format })).toBe(true);
      expect(fitsModel({}, { format })).toBe(false);
      expect(fitsModel(labels, { format, selector: { zone: "eu" } })).toBe(false);
    }
    expect(fitsModel(labels, { format: "pt2" })).toBe(true);
    expect(fitsModel({}, { format: "pt2" })).toBe(false);
    expect(fitsModel({ runtime: "python" }, { format: "pt2" })).toBe(false);
    expect(fitsModel(labels, { format: "pt2", selector: { zone: "eu" } })).toBe(false);
    expect(fitsModel(labels, {})).toBe(false);
    expect(fitsModel(labels, { selector: { runtime: "python" } })).toBe(true);
    expect(fitsModel({}, {})).toBe(true);
  });
});

describe("the retry budget", () => {
  it("lets a share of the requests of the last ten seconds be tried again, and a few more", () => {
    let now = 0;
    const budget = new RetryBudget(() => now);
    for (let i = 0; i < 1_000; i++) budget.deposit();
    let granted = 0;
    while (budget.withdraw(20)) granted++;
    expect(granted).toBe(100 + 200);
    expect(budget.withdraw(0)).toBe(false);
    now = 9_999;
    expect(budget.withdraw(20)).toBe(false);
    now = 20_000;
    expect(budget.withdraw(20)).toBe(true);
  });
});
