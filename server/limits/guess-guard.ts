import { AppError } from "@/server/kernel/errors";

/** Wrong credentials one address may send in a minute. */
export const WRONG_TRIES_MAX = 20;
const WINDOW_MS = 60_000;
const ADDRESSES_MAX = 50_000;
const KNOWN_MAX = 10_000;

/**
 * Refuses an address that has sent too many wrong credentials. Credentials that were good before
 * still pass, so that one caller's mistakes do not shut out those who share its address.
 */
export class GuessGuard {
  private readonly tries = new Map<string, { count: number; endsMs: number }>();
  private readonly known = new Set<string>();

  /** With `shared`, each wrong try of a process learns how many others of the address there were. */
  constructor(
    private readonly shared?: (id: string, windowMs: number) => Promise<number | undefined>,
  ) {}

  /** Throws rate_limited before the credential is looked at. `nowMs` is the clock's. */
  check(address: string, credential: string, nowMs = Date.now()): void {
    if (this.tries.size === 0) return;
    const entry = this.tries.get(address);
    if (!entry || entry.count < WRONG_TRIES_MAX || entry.endsMs <= nowMs) return;
    if (this.known.has(credential)) return;
    const retryAfterSeconds = Math.max(1, Math.ceil((entry.endsMs - nowMs) / 1000));
    throw new AppError(
      "rate_limited",
      `Too many wrong credentials from this address. Try again in ${retryAfterSeconds} s.`,
      { retryAfterSeconds },
    );
  }

  wrong(address: string, credential: string, nowMs = Date.now()): void {
    this.known.delete(credential);
    const entry = this.entryOf(address, nowMs);
    entry.count += 1;
    void this.shared?.(`guess:${address}`, WINDOW_MS).then((all) => {
      entry.count = Math.max(entry.count, all ?? 0);
    });
  }

  private entryOf(address: string, nowMs: number): { count: number; endsMs: number } {
    const entry = this.tries.get(address);
    if (entry && entry.endsMs > nowMs) return entry;
    if (this.tries.size >= ADDRESSES_MAX) this.forget(nowMs);
    const fresh = { count: 0, endsMs: nowMs + WINDOW_MS };
    this.tries.set(address, fresh);
    return fresh;
  }

  good(credential: string): void {
    if (this.known.has(credential)) return;
    if (this.known.size >= KNOWN_MAX) this.known.clear();
    this.known.add(credential);
  }

  private forget(nowMs: number): void {
    for (const [address, { endsMs }] of this.tries) {
      if (endsMs <= nowMs) this.tries.delete(address);
    }
    if (this.tries.size >= ADDRESSES_MAX) this.tries.clear();
  }
}

/**
 * The address a request came from: the socket's, or with `trustedProxies` in front the one that
 * the outermost of them saw.
 */
export function callerAddress(
  socketAddress: string | undefined,
  forwardedFor: string | null | undefined,
  trustedProxies: number,
): string {
  const own = socketAddress ?? "unknown";
  if (trustedProxies === 0 || !forwardedFor) return own;
  const hops = forwardedFor.split(",").map((hop) => hop.trim());
  return hops.at(-trustedProxies) || own;
}
