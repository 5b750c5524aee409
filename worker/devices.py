"""How models compute on which device. Knows nothing of any model."""

import torch


def fast_dtype(device: str) -> torch.dtype:
    """bf16 where the processor computes in it, else fp32."""
    if device == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    supported: bool = torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return torch.bfloat16 if supported else torch.float32
