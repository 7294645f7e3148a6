"""Archives of torch.export (.pt2). Reading one runs pickles, so only behind walls: see README.md."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..oip.tensor import DTYPES, Tensor, TensorSpec
from .model import OutOfMemory, Unfit, one_line


class TorchModel:
    """One exported program, in eval mode, without gradients."""

    platform = "pytorch_export"
    classes: list[Any] | None = None
    columns: list[str] | None = None

    def __init__(self, path: str, device: str, threads: int) -> None:
        try:
            import torch
        except ImportError:
            raise Unfit(
                "this node has no PyTorch: install trainers/requirements-node.lock"
            ) from None
        self._torch = torch
        torch.set_num_threads(threads)
        torch.set_grad_enabled(False)
        if device == "cuda" and not torch.cuda.is_available():
            raise Unfit("this node is set to CUDA and its PyTorch sees no GPU")
        self._device = torch.device(device)
        self._types = _types(torch)
        program = self._load(path)
        self._in_spec, self._out_spec = program.call_spec.in_spec, program.call_spec.out_spec
        nodes = {node.name: node for node in program.graph.nodes}
        self.inputs = [self._spec(name, nodes[name]) for name in _user_inputs(program)]
        self.outputs = self._output_specs(program, nodes)
        self._module = (
            program.module(check_guards=False) if _has_guards(program) else program.module()
        )

    def _load(self, path: str) -> Any:
        try:
            program = self._torch.export.load(path)
            if self._device.type == "cpu":
                return program
            from torch.export.passes import move_to_device_pass

            return move_to_device_pass(program, self._device)
        except MemoryError:
            raise
        except Exception as error:
            reason = f"{type(error).__name__}: {one_line(error)}"
            raise Unfit(f"torch.export cannot load the archive: {reason}") from None

    def _spec(self, name: str, node: Any) -> TensorSpec:
        value = node.meta.get("val")
        if not isinstance(value, self._torch.Tensor):
            raise Unfit(f"input {name} is no tensor: export the model with tensors alone")
        return self._spec_of(name, value)

    def _spec_of(self, name: str, value: Any) -> TensorSpec:
        datatype = self._types.get(value.dtype)
        if datatype is None:
            raise Unfit(f"{name} has the type {value.dtype}, which is not supported")
        shape = tuple(length if isinstance(length, int) else -1 for length in value.shape)
        return TensorSpec(name, datatype, shape)

    def _output_specs(self, program: Any, nodes: dict[str, Any]) -> list[TensorSpec]:
        from torch.utils import _pytree as pytree

        wanted = program.graph_signature.user_outputs
        names = _output_names(pytree, self._out_spec, len(wanted))
        specs = []
        for name, node in zip(names, wanted):
            value = nodes[node].meta.get("val") if isinstance(node, str) and node in nodes else None
            if not isinstance(value, self._torch.Tensor):
                raise Unfit(f"output {name} is no tensor: export the model with tensors alone")
            specs.append(self._spec_of(name, value))
        return specs

    def run(self, arrays: Sequence[np.ndarray], names: Sequence[str]) -> list[Tensor]:
        torch = self._torch
        from torch.utils import _pytree as pytree

        tensors = [self._to_torch(spec, one) for spec, one in zip(self.inputs, arrays)]
        try:
            args, kwargs = pytree.tree_unflatten(tensors, self._in_spec)
            leaves = pytree.tree_leaves(self._module(*args, **kwargs))
        except torch.OutOfMemoryError:
            torch.cuda.empty_cache()
            raise OutOfMemory from None
        except MemoryError:
            raise OutOfMemory from None
        except Exception as error:
            raise Unfit(f"the model cannot run on this input: {one_line(error)}") from None
        known = {spec.name: (spec, leaf) for spec, leaf in zip(self.outputs, leaves)}
        return [self._from_torch(*known[name]) for name in names]

    def _to_torch(self, spec: TensorSpec, array: np.ndarray) -> Any:
        tensor = self._torch.from_numpy(array if array.flags.writeable else array.copy())
        if spec.datatype == "BF16":
            tensor = tensor.view(self._torch.bfloat16)
        return tensor.to(self._device)

    def _from_torch(self, spec: TensorSpec, leaf: Any) -> Tensor:
        tensor = leaf.detach().to("cpu").contiguous()
        if spec.datatype == "BF16":
            tensor = tensor.view(self._torch.uint16)
        return Tensor(spec.name, spec.datatype, tensor.numpy())


def _user_inputs(program: Any) -> list[str]:
    names = list(program.graph_signature.user_inputs)
    if not names or not all(isinstance(name, str) for name in names):
        raise Unfit("the archive's inputs are not tensors alone")
    return names


def _output_names(pytree: Any, spec: Any, count: int) -> list[str]:
    """The keys where the model answers a dict, else output or output_0, output_1 …"""
    shape = pytree.tree_unflatten(list(range(count)), spec)
    if isinstance(shape, dict) and all(isinstance(at, int) for at in shape.values()):
        by_place = {at: str(name) for name, at in shape.items()}
        return [by_place[at] for at in range(count)]
    return ["output"] if count == 1 else [f"output_{at}" for at in range(count)]


def _has_guards(program: Any) -> bool:
    """Whether this PyTorch checks the examples' conditions at each call; specs are checked before."""
    import inspect

    return "check_guards" in inspect.signature(program.module).parameters


def _types(torch: Any) -> dict[Any, str]:
    named = {
        "bool": "BOOL", "uint8": "UINT8", "uint16": "UINT16", "uint32": "UINT32", "uint64": "UINT64",
        "int8": "INT8", "int16": "INT16", "int32": "INT32", "int64": "INT64", "float16": "FP16",
        "bfloat16": "BF16", "float32": "FP32", "float64": "FP64",
    }  # fmt: skip
    assert set(named.values()) <= set(DTYPES)
    return {
        getattr(torch, name): datatype for name, datatype in named.items() if hasattr(torch, name)
    }
