import { describe, expect, it } from "vitest";
import { signatureSchema, type TensorSpec } from "@/server/protocols/open-inference/codec";
import { nativeSignature } from "./native-signature";

const prediction: TensorSpec = { name: "prediction", datatype: "FP64", shape: [-1] };
const described = (columns: string[]) => ({ inputs: [], outputs: [prediction], columns });
const column = (name: string, type: string) => ({ name, type });

describe("the signature of a model that runs natively", () => {
  it("has the columns in the model's order, numbers and texts each in a tensor", () => {
    const logged = [column("b", "string"), column("a", "double"), column("c", "long")];
    const told = nativeSignature(described(["a", "b", "c"]), logged, "price");
    expect(signatureSchema.parse(told)).toMatchObject({
      task: "regression",
      features: [
        { name: "a", type: "number", nullable: true },
        { name: "b", type: "category", nullable: false },
        { name: "c", type: "integer", nullable: true },
      ],
      target: { name: "price", type: "number" },
      inputs: [
        { name: "numeric", datatype: "FP64", shape: [-1, 2], columns: ["a", "c"] },
        { name: "categorical", datatype: "BYTES", shape: [-1, 1], columns: ["b"] },
      ],
    });
  });

  it("takes MLflow's names by their place where the model has others, and its own without any", () => {
    const numbered = described(["feature_0", "feature_1"]);
    const logged = [column("width", "double"), column("height", "double")];
    const names = (columns: unknown) =>
      nativeSignature(numbered, columns, "t").features.map(({ name }) => name);
    expect(names(logged)).toEqual(["width", "height"]);
    const written = nativeSignature(described(["width_(m)", "height"]), logged, "t");
    expect(written.features.map(({ name }) => name)).toEqual(["width", "height"]);
    expect(
      names([{ type: "tensor", "tensor-spec": { dtype: "float64", shape: [-1, 2] } }]),
    ).toEqual(["feature_0", "feature_1"]);
    expect(names(null)).toEqual(["feature_0", "feature_1"]);
  });

  it("is refused for columns that are not the model's, or of a type that no row holds", () => {
    const told = (logged: unknown) => () => nativeSignature(described(["a"]), logged, "t");
    expect(told([column("a", "double"), column("b", "double")])).toThrow(
      "MLflow's signature has 2 columns, the model 1.",
    );
    expect(told([column("a", "datetime")])).toThrow(
      "is of the type datetime, which cannot be served",
    );
  });
});
