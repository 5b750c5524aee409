"""Loads the generator of a profile. Knows nothing of how either kind works."""

from precis.errors import ModelError
from precis.settings import Settings
from worker.generators.extractive import ExtractiveGenerator
from worker.generators.generator import Generator
from worker.generators.profiles import profile_named


def load_generator(settings: Settings, profile: str, device: str) -> Generator:
    """The generator of the profile of that name.

    Raises InputError for an unknown profile, ModelError if its model can't be loaded.
    """
    chosen = profile_named(profile)
    if chosen.model is None:
        return ExtractiveGenerator()
    # transformers' model classes take a second to import; the embedded set-up does without.
    from worker.generators.seq2seq import Seq2SeqGenerator  # noqa: PLC0415

    adapter = settings.adapter
    if adapter is not None and not adapter.is_dir():
        raise ModelError(f"no adapter folder {adapter}; set PRECIS_ADAPTER right, or unset it")
    return Seq2SeqGenerator(chosen, device, adapter)
