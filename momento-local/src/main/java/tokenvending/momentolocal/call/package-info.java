/** How a gRPC call is answered or refused. */
@NullMarked
package tokenvending.momentolocal.call;

import org.jspecify.annotations.NullMarked;
