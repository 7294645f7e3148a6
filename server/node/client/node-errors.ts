/** The node could not be reached, broke off, or answered something that is no answer. */
export class NodeUnavailable extends Error {
  override readonly name = "NodeUnavailable";
}

/** The node did not answer in time. */
export class NodeTimeout extends NodeUnavailable {}

/** The node answered, with a failure of its own or something that cannot be read. */
export class NodeFailed extends NodeUnavailable {}

/** Nobody waits for the answer any more; says nothing about the node. */
export class CallAbandoned extends Error {
  override readonly name = "CallAbandoned";
}

/** The node refused the request: HTTP 4xx. The message may be shown to the caller. */
export class NodeRejected extends Error {
  override readonly name = "NodeRejected";
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** The node has more work than it takes: HTTP 503 or 429. */
export class NodeOverloaded extends Error {
  override readonly name = "NodeOverloaded";
  constructor(
    readonly retryAfterSeconds: number,
    message: string,
  ) {
    super(message);
  }
}
