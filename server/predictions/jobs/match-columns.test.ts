import { expect, it } from "vitest";
import { imageSignature } from "../../../tests/predictions/support/image-model";
import { matchColumns } from "./match-columns";

it("a table feeds no model that takes images, whatever its columns hold", () => {
  const column = { name: "photo", type: "string", nullCount: 0 } as const;
  expect(matchColumns([column] as never, imageSignature())).toEqual({
    issues: [{ path: "deployment", message: "takes images as photo, which no table holds" }],
  });
});
