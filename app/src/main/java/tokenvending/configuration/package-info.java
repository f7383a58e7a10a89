/** Reads {@code tvm.yaml} and the users file strictly, and reports all of their problems. */
@NullMarked
package tokenvending.configuration;

import org.jspecify.annotations.NullMarked;
