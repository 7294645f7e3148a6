export { abortUpload } from "./abort-upload";
export { completeUpload } from "./complete-upload";
export { putUploadPart } from "./put-upload-part";
export { startUpload } from "./start-upload";
