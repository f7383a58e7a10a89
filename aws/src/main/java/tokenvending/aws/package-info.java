/** What is kept in AWS, asked for by hand; its SDK tells only in whose name. */
@NullMarked
package tokenvending.aws;

import org.jspecify.annotations.NullMarked;
