"""Selects the device and the precision of a training."""

from collections.abc import Mapping
from typing import Any, Literal

import torch


def select_device() -> torch.device:
    """Return the GPU when there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def uses_bf16(precision: Literal["auto", "fp32", "bf16"], device: torch.device) -> bool:
    """Return whether convolutions run in bfloat16.

    Args:
        precision: precision of a recipe; `auto` is bfloat16 where the hardware has it, as emulation
            is slower than single precision.
        device: device of the network.
    """
    if precision != "auto":
        return precision == "bf16"
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    known: Mapping[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()  # torch 2.9 has none
    return any(known.get(name, False) for name in ("avx512_bf16", "amx_bf16", "bf16"))
