/** The story of a token from outside: vended over HTTP, used with Momento's published Java SDK. */
@NullMarked
package tokenvending.story;

import org.jspecify.annotations.NullMarked;
