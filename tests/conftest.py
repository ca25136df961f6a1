"""Configures the tests, and provides a small model."""

import json
import os
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import settings
from onnx import TensorProto, helper, numpy_helper
from run_folder import delete_run_folder, open_run_folder

from whenanime_pipeline.core.search.embedding.model_files import (
    META_FILE,
    ONNX_FILE,
    SCHEMA_VERSION,
    compute_model_id,
)

# Examples are random in every run on a developer's machine, and deterministic in CI.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("dev", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


_LONGEST = (
    "test_up.py", "test_learning_bench.py", "test_demo.py", "test_train_command.py",
    "test_retrieval_bench.py", "test_load_bench.py", "test_learning_assets.py",
)  # fmt: skip
"""Files whose tests wait minutes for other processes, and would run alone if started last."""


def pytest_xdist_auto_num_workers() -> int:
    """Return one more than the number of cores: tests wait for others a fifth of their time."""
    return (os.cpu_count() or 1) + 1


def pytest_configure(config: pytest.Config) -> None:
    """Share a folder and the environment between the processes of a run."""
    if not hasattr(config, "workerinput"):
        # Threads that wait for one another in a loop take the cores from the other processes.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        open_run_folder()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Delete the folder that the processes of a run shared."""
    if not hasattr(config, "workerinput"):
        delete_run_folder()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start the files that take longest first."""
    items.sort(key=lambda item: item.path.name not in _LONGEST)


def make_model(folder: Path, *, seed: int = 0, dimension: int = 32) -> Path:
    """Write a small model: a random projection of centred mean colours of 8×8 pixels."""
    projection = np.random.default_rng(seed).standard_normal((192, dimension)).astype(np.float32)
    constants = {
        "projection": projection,
        "middle": np.float32(128).reshape(()),
    }
    graph = helper.make_graph(
        [
            helper.make_node("Cast", ["picture"], ["cast"], to=TensorProto.FLOAT),
            helper.make_node("Sub", ["cast", "middle"], ["centred"]),
            helper.make_node("Transpose", ["centred"], ["planes"], perm=[0, 3, 1, 2]),
            helper.make_node(
                "AveragePool", ["planes"], ["fields"], kernel_shape=[8, 8], strides=[8, 8]
            ),
            helper.make_node("Flatten", ["fields"], ["flat"]),
            helper.make_node("MatMul", ["flat", "projection"], ["projected"]),
            helper.make_node("LpNormalization", ["projected"], ["embedding"], axis=1, p=2),
        ],
        "small",
        [helper.make_tensor_value_info("picture", TensorProto.UINT8, ["n", 64, 64, 3])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", dimension])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    content = model.SerializeToString()
    meta = {
        "schema_version": SCHEMA_VERSION,
        "dimension": dimension,
        "input": {"width": 64, "height": 64, "layout": "NHWC", "dtype": "uint8"},
    }
    meta["model_id"] = compute_model_id(content, meta)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ONNX_FILE).write_bytes(content)
    (folder / META_FILE).write_text(json.dumps(meta), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a model that is fast, and good enough to distinguish drawn pictures."""
    return make_model(tmp_path_factory.mktemp("model"))
