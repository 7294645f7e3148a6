import { pageOf } from "@/server/kernel/paging";
import { defineRoute } from "@/server/protocols/rest/contract";
import { modelRef, versionDto, versionRef } from "../schemas";
import { signatureProposal } from "../uploads/schemas";
import { listSignatures } from "./list-signatures";
import { proposeSignature } from "./propose-signature";
import { listSignaturesInput, proposeBody, setSignatureBody, signatureRevision } from "./schemas";
import { setSignature } from "./set-signature";

const tag = "Models";
/** The file is loaded, on a Python node where that runs it: a cold PyTorch takes its time. */
const LOAD_DEADLINE_MS = 4 * 60_000;
const params = modelRef.extend({ v: versionRef.shape.version });
const refOf = ({ model, v }: { model: string; v: string }) => ({ model, version: v });

export const signatureRoutes = [
  defineRoute({
    method: "post",
    path: "/models/{model}/versions/{v}/signature/proposal",
    operationId: "proposeSignature",
    summary:
      "Read the tensors of a version's ONNX file or PyTorch archive and propose its signature",
    description:
      "For models that an MLflow client logged as ONNX or by torch.export, and for any other such file. Changes nothing; what the file does not say is assumed and listed. Outputs of an archive that have no names are `output_0`, `output_1`: say with `outputs` which of them is what.",
    tag,
    permission: "models:write",
    params,
    body: proposeBody,
    deadlineMs: LOAD_DEADLINE_MS,
    status: 200,
    reply: signatureProposal,
    handler: ({ ctx, params, body }) => proposeSignature(ctx, { ...refOf(params), ...body }),
  }),
  defineRoute({
    method: "put",
    path: "/models/{model}/versions/{v}/signature",
    operationId: "setSignature",
    summary: "Give a version another signature: names, types, classes, images, typical values",
    description:
      "The version's file must answer to it. Running deployments follow at once; what their callers would notice is refused with 409 without `acceptBreaking`, and other tensors need another version. The first signature of a logged ONNX file makes it deployable.",
    tag,
    permission: "models:write",
    params,
    body: setSignatureBody,
    deadlineMs: LOAD_DEADLINE_MS,
    status: 200,
    reply: versionDto,
    handler: ({ ctx, params, body }) => setSignature(ctx, { ...refOf(params), ...body }),
  }),
  defineRoute({
    method: "get",
    path: "/models/{model}/versions/{v}/signatures",
    operationId: "listSignatures",
    summary: "The signatures a version had, newest first; none until one is changed",
    tag,
    permission: "models:read",
    params,
    query: listSignaturesInput.omit({ model: true, version: true }),
    status: 200,
    reply: pageOf(signatureRevision),
    handler: ({ ctx, params, query }) => listSignatures(ctx, { ...refOf(params), ...query }),
  }),
];
