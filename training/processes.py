"""Several processes that train one model, as `accelerate launch` and `torchrun` start them.

The environment tells each process which it is. Knows nothing of what is trained.
"""

import os

import torch

from precis.errors import InputError


def world_size() -> int:
    """How many processes train together; 1 without a launcher."""
    return int(os.environ.get("WORLD_SIZE") or 1)


def is_main() -> bool:
    """Whether this is the process that writes."""
    return int(os.environ.get("RANK") or 0) == 0


def wait_for_all() -> None:
    """Until every process is here."""
    if torch.distributed.is_initialized():
        torch.distributed.barrier()


def refuse_several(what: str) -> None:
    """Raise InputError if there are several processes."""
    if world_size() > 1:
        raise InputError(f"{what} trains on one device; start it without accelerate launch")
