/** A semantic version (semver.org 2.0.0) without build metadata, which never tells two apart. */
export interface SemanticVersion {
  major: number;
  minor: number;
  patch: number;
  /** Identifiers after the dash; empty for a release. */
  prerelease: readonly string[];
}

export const PARTS = ["patch", "minor", "major"] as const;
export type Part = (typeof PARTS)[number];

const NUMBER = "(0|[1-9]\\d{0,8})";
const IDENTIFIER = "(?:0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)";
const FORM = new RegExp(
  `^${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-(${IDENTIFIER}(?:\\.${IDENTIFIER})*))?$`,
);

/** The longest text that is read. */
export const TEXT_MAX = 100;

/** undefined for text that is no semantic version. */
export function parseSemanticVersion(text: string): SemanticVersion | undefined {
  const found = text.length <= TEXT_MAX ? FORM.exec(text) : null;
  if (!found) return undefined;
  const [, major, minor, patch, prerelease] = found;
  return {
    major: Number(major),
    minor: Number(minor),
    patch: Number(patch),
    prerelease: prerelease ? prerelease.split(".") : [],
  };
}

export const printSemanticVersion = (version: SemanticVersion): string => {
  const core = `${version.major}.${version.minor}.${version.patch}`;
  return version.prerelease.length > 0 ? `${core}-${version.prerelease.join(".")}` : core;
};

/** Precedence as semver.org 2.0.0 item 11 has it: negative when `a` comes before `b`. */
export function compareSemanticVersions(a: SemanticVersion, b: SemanticVersion): number {
  const core = a.major - b.major || a.minor - b.minor || a.patch - b.patch;
  if (core !== 0) return core;
  if (a.prerelease.length === 0 || b.prerelease.length === 0) {
    return Number(a.prerelease.length === 0) - Number(b.prerelease.length === 0);
  }
  const shared = Math.min(a.prerelease.length, b.prerelease.length);
  for (let i = 0; i < shared; i += 1) {
    const order = compareIdentifiers(a.prerelease[i] ?? "", b.prerelease[i] ?? "");
    if (order !== 0) return order;
  }
  return a.prerelease.length - b.prerelease.length;
}

function compareIdentifiers(a: string, b: string): number {
  const [left, right] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (left !== right) return left ? -1 : 1;
  // Digits without leading zeros: the longer number is the greater one, whatever its size.
  if (left && a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : Number(a > b);
}

/**
 * What comes after `newest`: a prerelease becomes its release, a release counts the part up. After
 * nothing comes 0.0.1, 0.1.0 or 1.0.0.
 */
export function nextSemanticVersion(
  newest: SemanticVersion | undefined,
  part: Part,
): SemanticVersion {
  const { major, minor, patch, prerelease } = newest ?? {
    major: 0,
    minor: 0,
    patch: 0,
    prerelease: [],
  };
  const release = { prerelease: [] };
  const isRelease = prerelease.length === 0;
  if (part === "major") {
    const done = !isRelease && minor === 0 && patch === 0;
    return { ...release, major: done ? major : major + 1, minor: 0, patch: 0 };
  }
  if (part === "minor") {
    const done = !isRelease && patch === 0;
    return { ...release, major, minor: done ? minor : minor + 1, patch: 0 };
  }
  return { ...release, major, minor, patch: isRelease ? patch + 1 : patch };
}
