"""ROUGE as an `evaluate` metric, loaded by path: `evaluate.load` of the hub's needs a network.

ROUGE-1, ROUGE-2, ROUGE-L and ROUGE-Lsum F1 (Lin, 2004) by Google's `rouge_score`, as the study
has them. With several references a prediction counts with its best one, as `rouge_score` and the
DialogSum paper do. Knows nothing of models.
"""

import datasets
import evaluate
from rouge_score import rouge_scorer
from rouge_score.tokenizers import DefaultTokenizer

KINDS = ("rouge1", "rouge2", "rougeL", "rougeLsum")

_DESCRIPTION = "ROUGE-1, -2, -L and -Lsum F1 of predictions against one or several references."
_CITATION = "Lin, 2004: ROUGE: A Package for Automatic Evaluation of Summaries"


class Rouge(evaluate.Metric):  # type: ignore[misc]
    """`compute(predictions=[text], references=[[text, …]])` gives lists of F1, by kind."""

    def _info(self) -> evaluate.MetricInfo:
        return evaluate.MetricInfo(
            description=_DESCRIPTION,
            citation=_CITATION,
            inputs_description="predictions: texts; references: a list of texts for each",
            features=datasets.Features(
                {
                    "predictions": datasets.Value("string"),
                    "references": datasets.Sequence(datasets.Value("string")),
                }
            ),
        )

    def _compute(
        self,
        predictions: list[str],
        references: list[list[str]],
        use_stemmer: bool = True,
    ) -> dict[str, list[float]]:
        scorer = rouge_scorer.RougeScorer(KINDS, tokenizer=DefaultTokenizer(use_stemmer))
        scores = [
            scorer.score_multi(wanted, told)
            for wanted, told in zip(references, predictions, strict=True)
        ]
        return {kind: [score[kind].fmeasure for score in scores] for kind in KINDS}
