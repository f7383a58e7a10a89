/** AWS Lambda functions behind API Gateway, or behind their own URL. */
@NullMarked
package tokenvending.lambda;

import org.jspecify.annotations.NullMarked;
