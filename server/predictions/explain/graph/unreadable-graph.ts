/** The graph holds something that has no exact explanation here; the message says what. */
export class UnreadableGraph extends Error {
  override name = "UnreadableGraph";
}
