export { createMlflowApp, MLFLOW_VERSION } from "./app";
