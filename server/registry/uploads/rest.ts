import { defineRoute } from "@/server/protocols/rest/contract";
import { modelRef, versionDto } from "../schemas";
import { uploadForm } from "./schemas";
import { uploadVersion } from "./upload-version";

export const uploadRoutes = [
  defineRoute({
    method: "post",
    path: "/models/{model}/versions",
    operationId: "uploadVersion",
    summary: "Register an ONNX file or a PyTorch archive as the next version",
    description:
      "The file is checked as an inference node would load it, in a process of its own. Weights in other files and custom operators are refused. Outputs are label (INT64 index) and probabilities, or prediction; `outputs` says what the graph calls them. An archive of torch.export (.pt2) is loaded on a Python node, behind walls, and needs one.",
    tag: "Models",
    permission: "models:write",
    params: modelRef,
    streamBody: { contentType: "multipart/form-data", schema: uploadForm },
    status: 201,
    reply: versionDto,
    handler: ({ ctx, params, incoming }) => uploadVersion(ctx, params, incoming),
  }),
];
