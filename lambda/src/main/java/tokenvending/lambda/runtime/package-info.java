/** A Lambda runtime of our own, as small as AWS's Runtime API allows. */
@NullMarked
package tokenvending.lambda.runtime;

import org.jspecify.annotations.NullMarked;
