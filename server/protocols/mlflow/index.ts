export { createMlflowApp } from "./app";
