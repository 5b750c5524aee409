"""Keeps a LoRA's rank bounded: joined to the one before each week, its ranks would add up.

A LoRA changes each matrix by s·B·A, with B [out, rank] and A [rank, in]. The nearest change of a
smaller rank comes of the largest singular values (Eckart and Young, 1936), found from two QR
decompositions without ever making the whole matrix. Knows nothing of what was trained.
"""

import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from precis.hashing import sha256_of
from worker.registry import CONFIG, WEIGHTS, read_manifest, write_manifest

MOST_RANK = 64
"""Of what is promoted: what a LoRA and PPO learn, of 32 each, fits without any loss."""


def narrowed(folder: Path, most: int = MOST_RANK) -> bool:
    """Bring the LoRA in `folder` down to rank `most`, in its place; False if it needn't be.

    The manifest's digest is renewed with the weights.
    """
    config = json.loads((folder / CONFIG).read_bytes())
    if config["peft_type"] != "LORA" or config["r"] <= most:
        return False
    scale = config["lora_alpha"] / config["r"]
    weights = load_file(folder / WEIGHTS)
    for name in [each for each in weights if ".lora_A." in each]:
        other = name.replace(".lora_A.", ".lora_B.")
        weights[name], weights[other] = _nearest(weights[name], scale * weights[other], most)
    config["r"] = config["lora_alpha"] = most  # a scale of 1: it is in the matrices now
    save_file(weights, folder / WEIGHTS, metadata={"format": "pt"})
    (folder / CONFIG).write_text(json.dumps(config, indent=2), encoding="utf-8")
    manifest = read_manifest(folder)
    write_manifest(folder, manifest.model_copy(update={"sha256": sha256_of(folder / WEIGHTS)}))
    return True


def _nearest(down: torch.Tensor, up: torch.Tensor, rank: int) -> tuple[torch.Tensor, torch.Tensor]:
    """A [rank, in] and B [out, rank] whose product is nearest to up·down."""
    left, inner = torch.linalg.qr(up.double())  # [out, r], [r, r]
    right, outer = torch.linalg.qr(down.double().T)  # [in, r], [r, r]
    u, s, vh = torch.linalg.svd(inner @ outer.T)  # [r, r], [r], [r, r]
    root = s[:rank].sqrt()
    new_down = (root[:, None] * vh[:rank]) @ right.T
    new_up = (left @ u[:, :rank]) * root
    return new_down.to(down.dtype).contiguous(), new_up.to(up.dtype).contiguous()
