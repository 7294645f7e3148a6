/** An image is not as it must be; `got` says what it is instead. */
export class BadImage extends Error {
  override name = "BadImage";
  constructor(readonly got: string) {
    super(got);
  }
}
