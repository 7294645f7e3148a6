const words = (role: string): string => role.replaceAll("_", " ");

/** "2 approvals from ml engineer, operator or 3 named people". */
export function reviewersText(reviewers: {
  count: number;
  roles: readonly string[];
  people: readonly unknown[];
}): string {
  const count = reviewers.count === 1 ? "1 approval" : `${reviewers.count} approvals`;
  const named = reviewers.people.length;
  const from = [
    ...(reviewers.roles.length > 0 ? [reviewers.roles.map(words).join(", ")] : []),
    ...(named > 0 ? [named === 1 ? "1 named person" : `${named} named people`] : []),
  ];
  return from.length > 0 ? `${count} from ${from.join(" or ")}` : count;
}
