const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether somebody wrote a whole request id. */
export const isRequestId = (text: string): boolean => UUID.test(text);
