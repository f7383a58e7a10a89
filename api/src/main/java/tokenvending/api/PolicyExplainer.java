package tokenvending.api;

import java.util.List;
import java.util.Map;
import tokenvending.identity.Attempt;
import tokenvending.identity.PresentedCredential;
import tokenvending.identity.Principal;
import tokenvending.policy.Explanation;
import tokenvending.request.VendRequest;

/** Explains what a policy decides about a request, without minting a token. */
public interface PolicyExplainer {
  /** The explanation of a request. */
  sealed interface Explained {
    /**
     * The policy was evaluated for a caller.
     *
     * @param rules the ids of all rules, in order
     */
    record Decided(Principal caller, List<String> rules, Explanation explanation)
        implements Explained {
      public Decided {
        rules = List.copyOf(rules);
      }
    }

    /**
     * The caller is not authenticated, so no policy applies.
     *
     * @param why a phrase, not a sentence
     */
    record NotAuthenticated(String why) implements Explained {}
  }

  /** Explains the decision about the caller with this credential. */
  Explained explain(PresentedCredential credential, VendRequest request, Attempt attempt);

  /** Explains the decision about a described caller, whose claims count as verified. */
  Explained explain(Map<String, List<String>> claims, VendRequest request, Attempt attempt);
}
