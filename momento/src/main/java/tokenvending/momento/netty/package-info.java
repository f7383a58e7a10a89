/** The connection to a token service: gRPC over Netty's HTTP/2 codec. */
@NullMarked
package tokenvending.momento.netty;

import org.jspecify.annotations.NullMarked;
