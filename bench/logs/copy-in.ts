import type { Client, PoolClient } from "pg";

/** What the driver offers of COPY beneath its types. */
interface CopyConnection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** Sends `data` through `COPY … FROM STDIN`; resolves when the server has taken it. */
export function copyIn(
  client: Client | PoolClient,
  command: string,
  data: () => Buffer,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let failure: Error | undefined;
    const exchange = {
      submit: (connection: CopyConnection) => connection.query(command),
      handleCopyInResponse: (connection: CopyConnection) => {
        connection.sendCopyFromChunk(data());
        connection.endCopyFrom();
      },
      handleCommandComplete: () => undefined,
      handleError: (error: Error) => {
        failure = error;
        reject(error);
      },
      handleReadyForQuery: () => {
        if (!failure) resolve();
      },
    };
    client.query(exchange as never);
  });
}
