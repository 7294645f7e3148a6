const addresses = new WeakMap<Request, string>();

/** Notes the socket's address of a request, for the audit; headers that claim another are not believed. */
export function noteAddress(request: Request, address: string | undefined): void {
  if (address) addresses.set(request, address);
}

export const addressOf = (request: Request): string | undefined => addresses.get(request);
