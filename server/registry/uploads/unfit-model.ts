/** Says what a graph lacks, and how to export it instead. */
export class UnfitModel extends Error {
  override name = "UnfitModel";
}
