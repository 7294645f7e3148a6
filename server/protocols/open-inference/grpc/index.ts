export { openGrpc } from "./open-grpc";
