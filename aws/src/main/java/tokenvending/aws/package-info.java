/** What is kept in AWS, reached through its SDK. */
@NullMarked
package tokenvending.aws;

import org.jspecify.annotations.NullMarked;
