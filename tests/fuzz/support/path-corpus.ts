/** The file that must never be reached, relative to a folder some levels above the home. */
const TARGETS = ["canary.txt", "etc/passwd"];

const PARENTS = [
  "..",
  "%2e%2e",
  "%2E%2E",
  ".%2e",
  "%2e.",
  "%252e%252e",
  "%25252e%25252e",
  "\u2024\u2024",
  "\uff0e\uff0e",
  "..;",
  "..%00",
  "..\u0000",
  "%c0%ae%c0%ae",
  "%u002e%u002e",
  ". .",
  ".. ",
  " ..",
  "...",
  "..\u200b",
];

const SEPARATORS = [
  "/",
  "\\",
  "%2f",
  "%5c",
  "%252f",
  "%255c",
  "//",
  "/./",
  "\u2215",
  "\uff0f",
  "%c0%af",
];

const absolute = (file: string): string[] => [
  `/${file}`,
  `//${file}`,
  `///${file}`,
  `\\${file}`,
  `C:\\${file}`,
  `c:/${file}`,
  `\\\\?\\C:\\${file}`,
  `\\\\127.0.0.1\\share\\${file}`,
  `file:///${file}`,
  `file://localhost/${file}`,
  `file:${file}`,
  `FILE:///${file}`,
  `jar:file:///${file}!/`,
  `runs:/../${file}`,
  `models:/../${file}`,
  `mlflow-artifacts:/../../${file}`,
  `mlflow-artifacts:///${file}`,
  `dbfs:/${file}`,
  `s3://bucket/../../${file}`,
  `http://127.0.0.1:1/${file}`,
  `~/${file}`,
  `~root/${file}`,
  `$HOME/${file}`,
  `%HOME%/${file}`,
  `/proc/self/root/${file}`,
  `/proc/self/cwd/../../${file}`,
  `/dev/fd/3/${file}`,
  `./${file}#../../${file}`,
  `x?/../../../${file}`,
  `x;/../../../${file}`,
  `x#/../../../${file}`,
  `${file}\u0000.png`,
  `../${file}%00.png`,
  `../${file}\r\nx: y`,
  `a/../../../${file}`,
  `.git/../../../${file}`,
  `%2f${file}`,
  `%5c${file}`,
];

const DEVICES = [
  "CON",
  "NUL",
  "aux.txt",
  "com1",
  "a:b",
  "a::$DATA",
  "desktop.ini",
  ".",
  "..",
  "...",
];

/** Spellings of paths out of a folder; `canary` is the absolute path of a file that exists. */
export function pathCorpus(canary: string): string[] {
  const climbs = TARGETS.flatMap((file) =>
    PARENTS.flatMap((parent) =>
      SEPARATORS.map((separator) => `${`${parent}${separator}`.repeat(6)}${file}`),
    ),
  );
  const all = [
    ...climbs,
    ...[canary.slice(1), ...TARGETS].flatMap(absolute),
    ...DEVICES,
    canary,
    encodeURIComponent(canary),
    encodeURIComponent(encodeURIComponent(canary)),
  ];
  return [...new Set(all)];
}
