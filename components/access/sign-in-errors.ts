/** What a sign-in that did not work tells, by the code in the address. */
export const SIGN_IN_ERRORS: Record<string, { title: string; text: string }> = {
  link: {
    title: "This link does not work any more",
    text: "A link works once and not for ever. Start Modelyard again to print a new one, or ask for a new invitation.",
  },
  origin: {
    title: "This request came from another site",
    text: "Open the link again in this window.",
  },
  no_role: {
    title: "You do not belong to this workspace yet",
    text: "The provider knows you, but none of your groups has a role here. Ask an administrator of the workspace to map one of your groups, or for an invitation.",
  },
  provider: {
    title: "The provider did not sign you in",
    text: "Try again. If it stays so, an administrator can test the provider under Settings, Sign-in.",
  },
};
