/** Momento's HTTP API. */
@NullMarked
package tokenvending.momentolocal.http;

import org.jspecify.annotations.NullMarked;
