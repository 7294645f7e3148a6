import { describe, expect, it } from "vitest";
import { loggedArchive } from "./logged-archive";

const file = (path: string, kind = "mlflow-model") => ({ path, kind, sha256: "", sizeBytes: 1 });
const tensor = (dtype: string, shape: number[]) => ({
  type: "tensor",
  "tensor-spec": { dtype, shape },
});
const mlmodel = (inputs: unknown, outputs: unknown) =>
  `flavors: {}\nsignature:\n  inputs: '${JSON.stringify(inputs)}'\n  outputs: '${JSON.stringify(outputs)}'\n`;
const said = (inputs: unknown, outputs: unknown) =>
  loggedArchive({ files: [file("data/model.pt2")], content: mlmodel(inputs, outputs) })?.said;

describe("an archive among the files of a version", () => {
  it("is the only one there is, and none that is quarantined", () => {
    const found = (...files: ReturnType<typeof file>[]) =>
      loggedArchive({ files, content: "" })?.file.path;
    expect(found(file("MLmodel"), file("data/model.pt2"))).toBe("data/model.pt2");
    expect(found(file("a.pt2"), file("b.pt2"))).toBeUndefined();
    expect(found(file("a.pt2", "quarantined"))).toBeUndefined();
    expect(found(file("model.pt"))).toBeUndefined();
  });

  it("gets from MLflow's signature the columns, and the task where one number is answered", () => {
    const rows = tensor("float32", [-1, 2]);
    const features = ["feature_0", "feature_1"];
    expect(said([rows], [tensor("float32", [-1, 1])])).toEqual({ features, task: "regression" });
    expect(said([rows], [tensor("float32", [-1])])).toEqual({ features, task: "regression" });
    expect(said([rows], [tensor("float32", [-1, 3])])).toEqual({ features });
    expect(said([rows], [tensor("int64", [-1])])).toEqual({ features });
    expect(said([tensor("float32", [-1, 3, 8, 8])], null)).toEqual({});
    expect(said([rows, rows], null)).toEqual({});
    expect(said([{ type: "double", name: "age" }], null)).toEqual({ features: ["age"] });
    expect(said([tensor("float32", [-1, 1_000_000_000])], null)).toEqual({});
  });

  it("needs no MLmodel that can be read", () => {
    const files = [file("model.pt2")];
    for (const content of ["", "{", "signature: 7", "signature:\n  inputs: 'no json'\n"])
      expect(loggedArchive({ files, content })?.said).toEqual({});
  });
});
