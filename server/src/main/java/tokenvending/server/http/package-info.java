/** HTTP on Armeria: listeners, framing, connection limits and TLS files. */
@NullMarked
package tokenvending.server.http;

import org.jspecify.annotations.NullMarked;
