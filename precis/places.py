"""Says where an error came from without what it says, for messages may quote chat text."""

import traceback


def where(error: BaseException) -> str:
    """The types and frames of an error and of what caused it, on one line."""
    said = []
    seen: BaseException | None = error
    while seen is not None:
        frames = reversed(traceback.extract_tb(seen.__traceback__))
        places = " < ".join(f"{f.filename}:{f.lineno} {f.name}" for f in frames)
        said.append(f"{type(seen).__name__} at {places}" if places else type(seen).__name__)
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return ", caused by ".join(said)
