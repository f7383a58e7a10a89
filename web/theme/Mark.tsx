/** The mark of the token vending machine: what is left of a token's life. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <circle cx="16" cy="16" r="8" />
      <path d="M16 8a8 8 0 1 1-8 8" />
    </svg>
  );
}
