import { describe, expect, it } from "vitest";
import { readMlflowAddress } from "@/components/shell/mlflow-address";

const read = (fragment: string) => {
  const address = readMlflowAddress(fragment);
  return address && [address.resource, address.page("id")];
};

describe("an address the MLflow client printed", () => {
  it("leads to the run, the experiment, the model or the version it names", () => {
    expect(read("#/experiments/6/runs/0abc")).toEqual(["runs/0abc", "experiments/runs/id"]);
    expect(read("#/experiments/6/runs/0abc/artifacts")).toEqual([
      "runs/0abc",
      "experiments/runs/id",
    ]);
    expect(read("#/experiments/6")).toEqual(["experiments/6", "experiments/id"]);
    expect(read("#/experiments/6/models/m-1")).toEqual(["experiments/6", "experiments/id"]);
    expect(read("#/models/a%20b")).toEqual(["models/a%20b", "registry/id"]);
    expect(read("#/models/churn/versions/2")).toEqual(["models/churn", "registry/id/versions/2"]);
  });

  it("is nothing else", () => {
    for (const other of ["", "#", "#/", "#/experiments", "#/experiments/", "#runs", "#/prompts"]) {
      expect(read(other)).toBeNull();
    }
  });
});
