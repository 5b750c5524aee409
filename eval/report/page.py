"""Makes the page: asks for all summaries, has each section written. Writes no file.

Knows nothing of metrics or markup.
"""

from pathlib import Path

from eval.report.content import Page
from eval.report.desk import Desk, Stages
from eval.report.examples import examples_section
from eval.report.grounding import faithfulness_section
from eval.report.heat import toxicity_section
from eval.report.learning import curves_section, methods_section
from eval.report.origins import origins_section
from eval.report.overlap import rouge_section
from eval.report.request import Means, Request
from eval.report.variants import plan
from precis.errors import ModelError
from worker.gate.scorer import ToxicityScorer
from worker.generators.profiles import Profile


def make_page(request: Request, means: Means) -> Page:
    """Every section; one whose inputs are missing says so in a line."""
    systems = plan(request.settings, request.profile, request.seed)
    if request.fast:
        systems = systems.fast()
    toxic = request.toxic.dialogues if request.toxic else ()
    asked = len(systems.compared) + (len(systems.heated) if toxic else 0)
    stages = Stages(means.progress, asked + 2)  # faithfulness is judged twice
    desk = Desk(request.data.dialogues, means.choose, stages, means.warn)
    heated = Desk(toxic, means.choose, stages, means.warn) if toxic else None
    shown = desk
    if request.examples:  # data whose licence or whose owner doesn't let it be shown
        shown = Desk(request.examples.dialogues, means.choose, stages, means.warn)
    scorer = _scorer(means)
    seed = request.seed
    sections = (
        rouge_section(systems, desk, seed),
        toxicity_section(systems, heated, scorer, seed),
        faithfulness_section(systems, desk, means.encoder, stages, seed),
        curves_section(systems.adapters),
        methods_section(_own_folder(request.profile)),
        examples_section(systems, shown, toxic, scorer, seed),
        origins_section(request, systems),
    )
    means.progress("writing the page", 1.0)
    return Page(
        title="What the summaries are worth",
        lead=(
            f"Profile {request.profile.name}, its adapters and the baselines, measured on "
            f"{len(request.data.dialogues)} dialogues of {request.data.source}."
        ),
        sections=sections,
    )


def _own_folder(profile: Profile) -> Path | None:
    """Of a model that isn't a hub's."""
    folder = Path(profile.model) if profile.model else None
    return folder if folder and (profile.local or folder.is_dir()) else None


def _scorer(means: Means) -> ToxicityScorer | None:
    try:
        return means.scorer()
    except ModelError as error:
        means.warn(str(error))
        return None
