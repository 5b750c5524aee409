"""Loads the generator of a profile. Knows nothing of how either kind works."""

from pathlib import Path

from precis.errors import ModelError
from precis.settings import Settings
from worker.generators.extractive import ExtractiveGenerator
from worker.generators.generator import Generator
from worker.generators.profiles import Profile, profile_named
from worker.registry import Registry, check_adapter


def load_generator(settings: Settings, profile: str, device: str) -> Generator:
    """The generator of the profile of that name.

    Raises InputError for an unknown profile, ModelError if its model can't be loaded.
    """
    chosen = profile_named(profile, settings.models)
    if chosen.model is None:
        return ExtractiveGenerator()
    # transformers' model classes take a second to import; quotes do without.
    from worker.generators.seq2seq import Seq2SeqGenerator  # noqa: PLC0415

    return Seq2SeqGenerator(chosen, device, serving_adapter(settings, chosen))


def serving_adapter(settings: Settings, profile: Profile) -> Path | None:
    """PRECIS_ADAPTER if it is set, else the profile's promoted adapter; None: the model alone.

    Raises ModelError for one that is damaged, pickled or of another profile or base.
    """
    adapter = settings.adapter
    if adapter is None:
        adapter = Registry(settings.models).promoted(profile.name)
    elif not adapter.is_dir():
        raise ModelError(f"no adapter folder {adapter}; set PRECIS_ADAPTER right, or unset it")
    if adapter is not None:
        check_adapter(adapter, profile)
    return adapter
