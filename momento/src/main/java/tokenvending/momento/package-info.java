/** Momento's token service behind {@link tokenvending.issuing.TokenIssuer}. */
@NullMarked
package tokenvending.momento;

import org.jspecify.annotations.NullMarked;
