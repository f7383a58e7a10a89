/**
 * The HTTP API, from a parsed request to a rendered response, independent of sockets and cloud
 * events.
 */
@NullMarked
package tokenvending.api;

import org.jspecify.annotations.NullMarked;
