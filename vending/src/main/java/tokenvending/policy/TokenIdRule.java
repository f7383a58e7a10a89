package tokenvending.policy;

import java.util.Optional;

/**
 * Where the token id comes from. An identified caller's id never holds the caller's own word: where
 * a rule writes <code>
 * ${request.…}</code>, that is for anonymous callers, and identified ones get their subject.
 */
record TokenIdRule(Optional<Template> identified, Optional<Template> anonymous) {}
