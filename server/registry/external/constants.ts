/** How a server elsewhere is shown who asks; `basic` holds user:password. */
export const CREDENTIAL_KINDS = ["none", "bearer", "basic", "header"] as const;
export type CredentialKind = (typeof CREDENTIAL_KINDS)[number];

/** Protocols a server elsewhere may speak. */
export const EXTERNAL_PROTOCOLS = ["open-inference"] as const;
