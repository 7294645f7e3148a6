/**
 * An attachment header (RFC 6266) for any name: the plain form holds harmless ASCII only, the
 * extended form the name in UTF-8. Folders, quotes and control characters do not survive.
 */
export function attachment(fileName: string): string {
  const base =
    fileName
      .toWellFormed()
      .split(/[/\\]/)
      .at(-1)
      ?.replaceAll(/[\p{Cc}\p{Cf}]/gu, "")
      .replace(/^\.+/, "")
      .slice(0, 200)
      .toWellFormed()
      .trim() || "download";
  const ascii = base.replaceAll(/[^A-Za-z0-9 ._-]/g, "_");
  const encoded = encodeURIComponent(base).replaceAll(
    /['()*!]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
