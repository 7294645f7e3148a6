/** The mark of the product. */
export const Logo = ({ size = 24 }: { size?: number }) => (
  <svg aria-hidden viewBox="0 0 32 32" width={size} height={size} className="shrink-0">
    <rect width="32" height="32" rx="8" fill="var(--accent)" />
    <path
      d="M7.5 23.5V11l8.5 6.5L24.5 11v12.5"
      fill="none"
      stroke="#fff"
      strokeWidth="3"
      strokeLinecap="round"
      strokeLinejoin="round"
    />
    <circle cx="16" cy="8.6" r="2.1" fill="#fff" />
  </svg>
);
