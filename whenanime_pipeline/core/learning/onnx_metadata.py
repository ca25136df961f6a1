"""Takes out of an exported network what differs from run to run."""

import onnx


def strip_metadata(content: bytes) -> bytes:
    """Return an ONNX file without where each operation stood in whose source.

    Args:
        content: of the file, as the exporter writes it.

    Returns:
        The file; equal networks give equal bytes.
    """
    model = onnx.load_from_string(content)
    graph = model.graph
    for part in (model, graph, *graph.node, *graph.value_info, *graph.input, *graph.output):
        part.ClearField("metadata_props")
    for tensor in graph.initializer:
        tensor.ClearField("metadata_props")
    bare: bytes = model.SerializeToString(deterministic=True)
    return bare
