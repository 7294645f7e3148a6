export { cleanIncoming } from "./clean-incoming";
export { attachment } from "./content-disposition";
export { createFileStore } from "./file-store";
export { DamagedObject, openObject, type StoredObject } from "./open-object";
export { serveObject } from "./serve-object";
export { storeObject } from "./store-object";
export { verifyObject } from "./verify-object";
