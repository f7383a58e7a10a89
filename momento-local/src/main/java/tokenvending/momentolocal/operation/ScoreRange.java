package tokenvending.momentolocal.operation;

import java.util.function.DoublePredicate;
import tokenvending.momentolocal.item.SortedSet.Scored;
import tokenvending.momentolocal.wire._SortedSetFetchRequest;
import tokenvending.momentolocal.wire._SortedSetLengthByScoreRequest;

/** A lower and an upper bound of scores. */
record ScoreRange(DoublePredicate above, DoublePredicate below) {

  static ScoreRange of(_SortedSetFetchRequest._ByScore range) {
    double min = range.hasMinScore() ? range.getMinScore().getScore() : Double.NEGATIVE_INFINITY;
    double max = range.hasMaxScore() ? range.getMaxScore().getScore() : Double.POSITIVE_INFINITY;
    return new ScoreRange(
        range.getMinScore().getExclusive() ? score -> score > min : score -> score >= min,
        range.getMaxScore().getExclusive() ? score -> score < max : score -> score <= max);
  }

  static ScoreRange of(_SortedSetLengthByScoreRequest range) {
    return new ScoreRange(
        switch (range.getMinCase()) {
          case INCLUSIVE_MIN -> score -> score >= range.getInclusiveMin();
          case EXCLUSIVE_MIN -> score -> score > range.getExclusiveMin();
          case UNBOUNDED_MIN, MIN_NOT_SET -> score -> true;
        },
        switch (range.getMaxCase()) {
          case INCLUSIVE_MAX -> score -> score <= range.getInclusiveMax();
          case EXCLUSIVE_MAX -> score -> score < range.getExclusiveMax();
          case UNBOUNDED_MAX, MAX_NOT_SET -> score -> true;
        });
  }

  boolean contains(Scored scored) {
    return above.test(scored.score()) && below.test(scored.score());
  }
}
