"""Trains, calibrates and writes the face model that ships, from drawn faces and the base model.

    python -m whenanime_pipeline.core.learning.shipped.face_model --out DIR --sheets DIR

The model that ships has two stages: 1,100 steps from the base model, then 400 from that model
(`--init DIR --steps 400 --rate 8e-4`). Faces are drawn in pieces that stay in the folder of
`--sheets`, so that a second run starts with them. Training, calibration and benchmark have styles
and casts of their own.
"""

import sys
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import typer

from whenanime_pipeline.core.characters.embedding.colours import describe_colours
from whenanime_pipeline.core.characters.embedding.face_embedder import (
    COLOUR_WEIGHT,
    join_colours,
)
from whenanime_pipeline.core.learning.characters.face_batches import BatchShape, FaceBatches
from whenanime_pipeline.core.learning.characters.fine_tuning import (
    FineTuningOptions,
    FineTuningProgress,
    fine_tune,
)
from whenanime_pipeline.core.learning.characters.labelled_faces import LabelledFaces
from whenanime_pipeline.core.learning.characters.naming_calibration import (
    NamedVectors,
    calibrate_naming,
)
from whenanime_pipeline.core.learning.network.embedding import EmbeddingNetwork
from whenanime_pipeline.core.learning.network.export import export_network, write_model
from whenanime_pipeline.core.learning.network.weights import load_network
from whenanime_pipeline.core.learning.pictures import squeeze_to_square
from whenanime_pipeline.core.learning.shipped.face_sheet.sheet import (
    FaceSheet,
    SheetOptions,
    draw_sheet,
)
from whenanime_pipeline.core.learning.shipped.face_sheet.stored_sheets import load_or_draw_sheet
from whenanime_pipeline.core.search.embedding.embedder import Embedder
from whenanime_pipeline.core.search.embedding.model_files import base_model_folder, read_model

SIDE = 96
"""Side of the network's input in pixels: faces in stored frames are seldom larger."""
TRAINING = SheetOptions(
    "training", styles=200, names=8, drawings=6, takes=2, side=152, margin=0.3, jitter=False
)
CALIBRATION = SheetOptions("validation", styles=6, names=12, drawings=14, siblings=0.25)


@dataclass(frozen=True)
class FaceModelOptions:
    """Options of a face model's training.

    Attributes:
        sheet: what is drawn to train on.
        shape: numbers of a batch.
        tuning: options of the fine-tuning.
        init: folder of the initial model.
    """

    sheet: SheetOptions = TRAINING
    shape: BatchShape = field(default_factory=BatchShape)
    tuning: FineTuningOptions = field(default_factory=FineTuningOptions)
    init: Path = field(default_factory=base_model_folder)

    def build_provenance(self) -> dict[str, Any]:
        """Return the fields of `meta.json` about the training."""
        return {
            "training": {
                "init": read_model(self.init)[0].model_id,
                "drawn": asdict(self.sheet),
            },
            "recipe": {
                "name": "faces",
                "loss": "supervised contrastive",
                "batch": asdict(self.shape),
                **asdict(self.tuning),
            },
        }


def train_face_network(sheet: FaceSheet, options: FaceModelOptions) -> EmbeddingNetwork:
    """Return the initial model's network, fine-tuned on a sheet at `SIDE` pixels."""
    network = resize_network(load_network(options.init))
    faces = LabelledFaces(sheet.crops, sheet.names, sheet.styles, options.sheet.margin)
    batches = FaceBatches(faces, options.shape, SIDE)
    return fine_tune(network, batches, options.tuning, _print_progress)


def resize_network(network: EmbeddingNetwork, side: int = SIDE) -> EmbeddingNetwork:
    """Return a network with the same weights and another input, to be trained further."""
    resized = EmbeddingNetwork(replace(network.options, size=side))
    resized.load_state_dict(network.state_dict())
    resized.rescale_projection()
    return resized


def write_face_model(
    network: EmbeddingNetwork,
    options: FaceModelOptions,
    out: Path,
    calibration_faces: SheetOptions = CALIBRATION,
) -> str:
    """Export a network, calibrate it on drawn faces of other styles, and write the model.

    Args:
        network: fine-tuned network.
        options: of its training.
        out: folder of the model.
        calibration_faces: faces to calibrate on.

    Returns:
        The model's id.

    Raises:
        ExportError: ONNX Runtime and torch differ.
        OSError: the folder cannot be written.
    """
    sheet = draw_sheet(calibration_faces)
    pictures = np.stack([squeeze_to_square(crop, SIDE) for crop in sheet.crops[::20]])
    exported = export_network(network, pictures)
    provenance = options.build_provenance()
    write_model(out, exported, provenance)
    vectors = join_colours(
        Embedder.load(out).embed(sheet.crops), describe_colours(sheet.crops), COLOUR_WEIGHT
    )
    calibration = calibrate_naming(name_vectors(sheet, vectors)).to_json()
    return write_model(out, exported, provenance | {"calibration": calibration})


def name_vectors(sheet: FaceSheet, vectors: np.ndarray) -> NamedVectors:
    """Return a sheet's truth with the vectors of its crops."""
    return NamedVectors(
        vectors, sheet.names, sheet.styles, sheet.drawings, sheet.sides.astype(np.float64)
    )


def _print_progress(progress: FineTuningProgress) -> None:
    if progress.step % 25 == 0:
        print(
            f"step {progress.step} of {progress.steps}, loss {progress.loss:.3f}, "
            f"{progress.seconds:.0f} s",
            file=sys.stderr,
            flush=True,
        )


def main(
    out: Annotated[Path, typer.Option(help="Folder of the model to write.")],
    sheets: Annotated[Path, typer.Option(help="Folder of the drawn faces; filled if empty.")],
    styles: Annotated[int, typer.Option(help="Number of styles to train on.", min=1)] = 200,
    steps: Annotated[int, typer.Option(help="Number of batches.", min=1)] = 1100,
    rate: Annotated[float, typer.Option(help="Peak learning rate.")] = 1.5e-3,
    frozen: Annotated[
        int, typer.Option(help="First blocks of the trunk that keep their weights.", min=0)
    ] = 2,
    init: Annotated[
        Path | None, typer.Option(help="Folder of the initial model; default: the base model.")
    ] = None,
) -> None:
    """Train, calibrate and write the face model."""
    torch.manual_seed(0)
    options = FaceModelOptions(
        sheet=replace(TRAINING, styles=styles),
        tuning=FineTuningOptions(steps=steps, learning_rate=rate, frozen=frozen),
        init=init or base_model_folder(),
    )
    sheet = load_or_draw_sheet(sheets, options.sheet)
    print(f"{len(sheet)} faces of {len(np.unique(sheet.names))} names", flush=True)
    network = train_face_network(sheet, options)
    print(write_face_model(network, options, out), flush=True)


if __name__ == "__main__":
    typer.run(main)
