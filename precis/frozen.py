"""The base of every validated, immutable record. Knows nothing of what the records mean."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """Immutable, refuses unknown fields, and never repeats its input in an error message.

    The last matters: inputs are chat text, and validation errors reach logs.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
