/** The CDK app: what {@code tvm.yaml} becomes on AWS, and the construct for stacks of one's own. */
@NullMarked
package tokenvending.infrastructure;

import org.jspecify.annotations.NullMarked;
