/** The HTTP contract, from a parsed request to a rendered answer; knows no socket and no cloud. */
@NullMarked
package tokenvending.api;

import org.jspecify.annotations.NullMarked;
