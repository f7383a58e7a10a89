/** The way to a token service for a function: grpc-java over OkHttp, which starts fast. */
@NullMarked
package tokenvending.momento.okhttp;

import org.jspecify.annotations.NullMarked;
