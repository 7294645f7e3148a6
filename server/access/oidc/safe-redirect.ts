/** Where to go after sign-in: a path of our own, whatever was asked for. */
export function safeRedirect(asked: string, baseUrl: string): string {
  const base = new URL(baseUrl);
  // Browsers read a backslash as a slash and drop control characters, so such a path is nobody's.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\\\u0000-\u0020\u007f]/.test(asked) || !URL.canParse(asked, base)) return base.origin;
  const url = new URL(asked, base);
  const isOwn = url.origin === base.origin && !url.username && !url.password;
  return isOwn && !url.pathname.startsWith("//") ? url.href : base.origin;
}
