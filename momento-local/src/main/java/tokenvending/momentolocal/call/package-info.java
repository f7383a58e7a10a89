/** Results and errors of gRPC calls. */
@NullMarked
package tokenvending.momentolocal.call;

import org.jspecify.annotations.NullMarked;
