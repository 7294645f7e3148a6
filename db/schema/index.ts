export * from "./access";
export * from "./datasets";
export * from "./deployments";
export * from "./experiments";
export * from "./kernel";
export * from "./predictions";
export * from "./registry";
export * from "./training";
