/** Reads {@code tvm.yaml} and the users file, strictly, and tells all that is wrong with them. */
@NullMarked
package tokenvending.configuration;

import org.jspecify.annotations.NullMarked;
