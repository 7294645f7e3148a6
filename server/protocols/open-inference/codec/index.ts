export { binarySize, decodeBinaryData, writeBinaryData } from "./binary-tensor";
export {
  allocate,
  configTypeOf,
  DATATYPES,
  type Datatype,
  ELEMENT_BYTES,
  type FixedData,
  isDatatype,
} from "./datatypes";
export type { EncodedMessage } from "./encode-message";
export { DecodedImage, type ImageInput, imageShape } from "./image-input";
export {
  encodeInferRequest,
  type InferRequest,
  type OutgoingRequest,
  parseClassification,
  parseInferRequest,
  type RequestedOutput,
} from "./infer-request";
export { encodeInferResponse, type InferResponse, parseInferResponse } from "./infer-response";
export { type MessageLimits, parametersJson } from "./message";
export { parseProtocolJson } from "./parse-json";
export { badRequest, ProtocolError, quoted } from "./protocol-error";
export { echoedParameters, isReservedParameter, refuseSharedMemory } from "./reserved-parameters";
export {
  type CompiledSignature,
  compileSignature,
  type EncodeResult,
  ISSUES_MAX,
  type Prediction,
  type Predictions,
  type RowIssue,
  rowsToTensors,
  tensorsToPredictions,
} from "./rows";
export { parseSchedulePolicy, type SchedulePolicy } from "./schedule-policy";
export { type Signature, type SignatureFeature, signatureSchema } from "./signature";
export {
  checkTensorBytes,
  elementCount,
  formatShape,
  type Parameters,
  type ParameterValue,
  type Tensor,
  type TensorData,
  type TensorSpec,
} from "./tensor";
