/** Invisible characters: controls, separators, and formatting other than the two joiners, which the server judges. */
const INVISIBLE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

/** Whether no server accepts the text as a name. */
export function invisibleIn(text: string): boolean {
  return INVISIBLE.test(text);
}
