/** An emulator of Momento that mints disposable tokens and enforces them. */
@NullMarked
package tokenvending.momentolocal;

import org.jspecify.annotations.NullMarked;
