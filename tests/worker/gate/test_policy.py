from precis.job import FlagAction
from worker.gate.policy import choose, crossed, flag, summary_flag

LIMITS = {"toxicity": 0.6, "insult": 0.5}
CLEAN, MILD, BAD = (
    {"toxicity": 0.1, "insult": 0.0},
    {"toxicity": 0.65, "insult": 0.1},
    {"toxicity": 0.7, "insult": 0.9},
)


def test_a_score_at_the_threshold_crosses_it():
    assert crossed({"toxicity": 0.6, "insult": 0.0}, LIMITS) == "toxicity"
    assert crossed({"toxicity": 0.599, "insult": 0.0}, LIMITS) is None


def test_the_label_furthest_over_is_named():
    made = flag("17", BAD, LIMITS, FlagAction.NOTED)
    assert (made.target, made.label, made.threshold, made.scores) == ("17", "insult", 0.5, BAD)
    assert flag("17", CLEAN, LIMITS, FlagAction.NOTED) is None


def test_the_first_clean_candidate_is_chosen():
    assert choose([[CLEAN], [BAD]], LIMITS).index == 0
    assert choose([[CLEAN, BAD], [CLEAN, CLEAN]], LIMITS).index == 1
    assert choose([[BAD]], LIMITS).index is None
    assert choose([], LIMITS).index is None


def test_the_scores_of_what_would_have_been_said_are_kept():
    choice = choose([[MILD, BAD], [MILD], [CLEAN]], LIMITS)
    assert (choice.index, choice.toxic) == (2, BAD)
    assert choose([[CLEAN], [BAD]], LIMITS).toxic is None


def test_a_clean_draft_leaves_no_flag():
    assert summary_flag(None, LIMITS, FlagAction.WITHHELD) == []
    [made] = summary_flag(BAD, LIMITS, FlagAction.CHANGED)
    assert (made.target, made.action) == ("summary", FlagAction.CHANGED)
