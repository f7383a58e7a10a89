/** Hand-written fakes and fixtures for tests; nothing that runs in production uses them. */
@NullMarked
package tokenvending.testing;

import org.jspecify.annotations.NullMarked;
