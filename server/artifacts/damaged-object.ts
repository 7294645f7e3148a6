/** Thrown for an object, or into its stream, whose bytes are not the ones that were stored. */
export class DamagedObject extends Error {
  override name = "DamagedObject";
  readonly code = "damaged";
  constructor(sha256: string) {
    super(`The stored object ${sha256} is damaged.`);
  }
}
