/** IPv4 that is nobody's business, as dotted decimals. */
const V4 = [
  "127.0.0.1",
  "127.255.255.254",
  "0.0.0.0",
  "10.0.0.1",
  "10.255.255.255",
  "100.64.0.1",
  "169.254.169.254",
  "169.254.170.2",
  "172.16.0.1",
  "172.31.255.255",
  "192.0.0.8",
  "192.0.2.1",
  "192.88.99.1",
  "192.168.0.1",
  "192.168.255.255",
  "198.18.0.1",
  "198.51.100.7",
  "203.0.113.9",
  "224.0.0.1",
  "239.255.255.255",
  "255.255.255.255",
  "100.100.100.200",
];

const V6 = [
  "::",
  "::1",
  "0:0:0:0:0:0:0:1",
  "fe80::1",
  "fc00::1",
  "fd00:ec2::254",
  "ff02::1",
  "100::1",
  "2001::1",
  "2001:db8::1",
  "2002:7f00:1::",
  "3fff::1",
  "fec0::1",
  "5f00::1",
];

const NAMES = [
  "localhost",
  "localhost.",
  "LOCALHOST",
  "a.localhost",
  "metadata.google.internal",
  "printer.local",
  "router.home.arpa",
  "intranet",
  "kubernetes.default.svc.cluster.local",
];

const hex = (n: number, width = 0) => n.toString(16).padStart(width, "0");

/** Ways to write one IPv4 address that URL parsers and resolvers have been fooled with. */
function spellings(dotted: string): string[] {
  const [a = 0, b = 0, c = 0, d = 0] = dotted.split(".").map(Number);
  const whole = ((a * 256 + b) * 256 + c) * 256 + d;
  const [high, low] = [hex(a * 256 + b), hex(c * 256 + d)];
  return [
    dotted,
    `${dotted}.`,
    String(whole),
    `0x${hex(whole, 8)}`,
    `0${whole.toString(8)}`,
    [a, b, c, d].map((one) => `0${one.toString(8)}`).join("."),
    [a, b, c, d].map((one) => `0x${hex(one)}`).join("."),
    `${a}.${b}.${c * 256 + d}`,
    `${a}.${(b * 256 + c) * 256 + d}`,
    `[::ffff:${dotted}]`,
    `[::ffff:${high}:${low}]`,
    `[0:0:0:0:0:ffff:${high}:${low}]`,
    `[::${dotted}]`,
    `[64:ff9b::${dotted}]`,
    `[2002:${high}:${low}::]`,
    dotted.replaceAll(".", "%2e"),
    dotted.replaceAll(".", "。"),
    [...dotted].map((one) => (/\d/.test(one) ? String.fromCodePoint(0xff10 + +one) : one)).join(""),
  ];
}

/** Several hundred URLs that must never be called; `port` is where a canary listens on loopback. */
export function refusedAddresses(port: number): string[] {
  const hosts = [...V4.flatMap(spellings), ...V6.map((one) => `[${one}]`), ...NAMES];
  return [
    ...hosts.map((host) => `https://${host}/`),
    ...spellings("127.0.0.1").flatMap((host) => [
      `http://${host}:${port}/`,
      `https://${host}:${port}/`,
      `https://user@${host}:${port}/`,
      `https://example.com@${host}:${port}/`,
      `https:${host}:${port}`,
    ]),
    "https://example.com:22/",
    "https://example.com:6379/",
    "http://example.com/",
    "ftp://example.com/",
    "gopher://127.0.0.1:6379/_INFO",
    "file:///etc/passwd",
    "data:text/html,x",
    "javascript:alert(1)",
    "//127.0.0.1/",
    "https://",
    "https:///127.0.0.1",
    "https://\\127.0.0.1/",
    "https://127.0.0.1#@example.com/",
    "https://127.0.0.1?@example.com/",
    `https://example.com@127.0.0.1/`,
    " https://127.0.0.1/ ",
    "\thttps://127.0.0.1/",
    "https://127.0.0.1\t/",
    "",
    "x".repeat(3000),
    `https://${"a".repeat(2100)}.example.com/`,
  ];
}
