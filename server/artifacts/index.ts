export { createFileStore } from "./file-store";
export { storeObject } from "./store-object";
