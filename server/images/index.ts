export { decodeRows, describeRows, takesImages } from "./decode-rows";
