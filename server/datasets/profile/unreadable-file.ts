/** The file cannot be a dataset; the message says what is wrong and how to mend it. */
export class UnreadableFile extends Error {
  override name = "UnreadableFile";
}
