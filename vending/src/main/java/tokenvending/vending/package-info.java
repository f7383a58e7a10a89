/** The vend path: five steps from a credential to a token. */
@NullMarked
package tokenvending.vending;

import org.jspecify.annotations.NullMarked;
