import { BlockList, isIP } from "node:net";

type Range = [address: string, prefix: number];

function listOf(v4: Range[], v6: Range[]): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of v4) list.addSubnet(address, prefix, "ipv4");
  for (const [address, prefix] of v6) list.addSubnet(address, prefix, "ipv6");
  return list;
}

/** IPv4 that is not globally reachable (IANA special-purpose registry, RFC 6890), and multicast. */
const SPECIAL_V4 = listOf(
  [
    ["0.0.0.0", 8],
    ["10.0.0.0", 8],
    ["100.64.0.0", 10],
    ["127.0.0.0", 8],
    ["169.254.0.0", 16],
    ["172.16.0.0", 12],
    ["192.0.0.0", 24],
    ["192.0.2.0", 24],
    ["192.31.196.0", 24],
    ["192.52.193.0", 24],
    ["192.88.99.0", 24],
    ["192.168.0.0", 16],
    ["192.175.48.0", 24],
    ["198.18.0.0", 15],
    ["198.51.100.0", 24],
    ["203.0.113.0", 24],
    ["224.0.0.0", 4],
    ["240.0.0.0", 4],
  ],
  [],
);

/** The only block of IPv6 that is handed out … */
const GLOBAL_V6 = listOf([], [["2000::", 3]]);

/** … less tunnels that carry IPv4 inside, documentation and protocol assignments. */
const SPECIAL_V6 = listOf(
  [],
  [
    ["2001::", 23],
    ["2001:db8::", 32],
    ["2002::", 16],
    ["2620:4f:8000::", 48],
    ["3fff::", 20],
  ],
);

/** Link-local, multicast and unspecified: a host's own, and where clouds keep their metadata. */
const HOST_ONLY = listOf(
  [
    ["0.0.0.0", 8],
    ["169.254.0.0", 16],
    ["224.0.0.0", 4],
    ["240.0.0.0", 4],
    ["100.100.100.200", 32],
  ],
  [
    ["::", 128],
    ["fe80::", 10],
    ["ff00::", 8],
    ["fd00:ec2::", 32],
    ["64:ff9b::", 96],
    ["64:ff9b:1::", 48],
    ["2001::", 23],
    ["2002::", 16],
  ],
);

const LOOPBACK = listOf([["127.0.0.0", 8]], [["::1", 128]]);

/** True for an address of the public internet. `address` is a plain IPv4 or IPv6 literal. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !SPECIAL_V4.check(address, "ipv4");
  if (family !== 6 || address.includes("%")) return false;
  return GLOBAL_V6.check(address, "ipv6") && !SPECIAL_V6.check(address, "ipv6");
}

/** True where no setting opens an address: link-local, metadata, multicast, IPv4 inside IPv6. */
export function isReservedForHost(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return HOST_ONLY.check(address, "ipv4");
  if (family !== 6 || address.includes("%")) return true;
  return /^::ffff:/i.test(address) || HOST_ONLY.check(address, "ipv6");
}

export const isLoopback = (address: string): boolean => {
  const family = isIP(address);
  return family !== 0 && LOOPBACK.check(address, family === 4 ? "ipv4" : "ipv6");
};
