"""Full fine-tuning, LoRA and prompt tuning on the same dialogues, for as many passes: one table.

Each starts from the profile's own model, trains as its command would, and is judged by first
drafts (`eval.generated`, without grounding) of dialogues that none of them saw. Writes
`methods.json`, which the report shows (`eval.report.learning`). A method that is done isn't
trained again.
"""

import json
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from eval.dialogues import Dialogue, digest
from eval.generated import Generated
from eval.report.learning import METHODS_FILE
from eval.rouge import rouge
from training.checkpoints import weights_named
from training.runs import Data, Progress, count_parameters, run_supervised, supervised_config
from training.supervised import Method, SupervisedConfig
from worker.generators.profiles import Profile
from worker.registry import Registry

TITLES: dict[Method, str] = {
    "full": "full fine-tuning",
    "lora": "LoRA",
    "prompt-tuning": "prompt tuning",
}
RATES: dict[Method, float] = {"full": 1e-4, "lora": 1e-3, "prompt-tuning": 1e-1}
"""Learning rates for a model that is trained already, which full fine-tuning mustn't undo."""


@dataclass(frozen=True)
class Comparison:
    """What the methods have in common."""

    profile: Profile
    data: Data
    output: Path
    epochs: float = 1.0
    device: str = "cpu"
    seed: int = 0

    def run(self, progress: Progress) -> dict[str, Any]:
        """Train and judge all three; returns, and writes to `output`, what `methods.json` holds.

        Figures are ROUGE F1 (0 to 1) on all of `data.dev`; seconds are of training and its own
        evaluation. A row without training comes first: the model that all start from.
        """
        training, dev = self.data.read()
        progress("judging the model as it is", 0.0)
        total = count_parameters(SupervisedConfig("full", self.profile, self.output))[1]
        rows = [
            _row(
                "none: the model as it is", (0, total), 0.0, self._figures(self.profile, None, dev)
            )
        ]
        digests = {"train": digest(training), "dev": digest(dev)}
        rows += [self._compared(method, digests, dev, progress) for method in TITLES]
        made = {
            "start": f"the model of profile {self.profile.name}",
            "budget": {
                "data": Path(self.data.train).name,
                "dialogues": len(training),
                "epochs": self.epochs,
                "judged on": len(dev),
            },
            "rows": rows,
        }
        (self.output / METHODS_FILE).write_text(json.dumps(made, indent=2) + "\n", "utf-8")
        return made

    def _compared(
        self,
        method: Method,
        digests: Mapping[str, str],
        dev: Sequence[Dialogue],
        progress: Progress,
    ) -> dict[str, Any]:
        folder = self.output / method
        done = folder / "row.json"
        given = {"epochs": self.epochs, "learning_rate": RATES[method], "encoder_rate": 1.0}
        base = weights_named(self.profile.model or "", self.profile.revision)
        key = {**given, "seed": self.seed, "profile": self.profile.name, "base": base, **digests}
        if done.is_file() and (kept := json.loads(done.read_text()))["key"] == key:
            return dict(kept["row"])
        config = supervised_config(
            method, self.profile, folder, seed=self.seed, device=self.device, **given
        )
        registry = Registry(self.output / "registry", {self.profile.name: self.profile})
        # Of a comparison of other data, or of one that was stopped before it was judged.
        shutil.rmtree(registry.place(f"compared-{method}"), ignore_errors=True)
        start = time.perf_counter()
        trained, _ = run_supervised(
            config, None, self.data, registry, f"compared-{method}",
            lambda what, share: progress(f"{TITLES[method]}: {what}", share),
        )  # fmt: skip
        seconds = time.perf_counter() - start
        if method == "full":
            figures = self._figures(replace(self.profile, model=str(trained)), None, dev)
        else:
            figures = self._figures(self.profile, trained, dev)
        counts = count_parameters(config)
        row = _row(TITLES[method], counts, seconds, figures)
        done.write_text(json.dumps({"key": key, "row": row}))
        return row

    def _figures(
        self, profile: Profile, adapter: Path | None, dev: Sequence[Dialogue]
    ) -> dict[str, float]:
        system = Generated(profile, adapter, device=self.device)
        summaries = system.summaries(dev, lambda _what, _share: None)
        scores = rouge([each.text for each in summaries], [each.references for each in dev])
        return {kind: round(float(values.mean()), 5) for kind, values in scores.items()}


def _row(
    title: str, counts: tuple[int, int], seconds: float, figures: dict[str, float]
) -> dict[str, Any]:
    trainable, total = counts
    named = {"method": title, "trainable": trainable, "total": total, "seconds": round(seconds, 1)}
    return {**named, **figures}
