"""A stand-in for the library of `animeface`: a shared library with its names, and an answer set.

It finds one face where the self-test expects it in pictures that are wider than high, ends the
process at pictures that are higher than wide, and hangs at square ones.
"""

import shutil
import subprocess
from pathlib import Path

import pytest

SOURCE = """
#include <stdlib.h>
#include <unistd.h>
int nv_face_mlp_dir, nv_face_mlp_face_00, nv_face_mlp_face_01, nv_face_mlp_face_02;
int nv_face_mlp_parts;
void nv_gaussian5x5(void *to, int a, const void *from, int b) {}
void nv_laplacian1(void *to, const void *from, float gain) {}
struct rect { int x, y, width, height; };
struct face { float likelihood; struct rect rects[6]; };
int nv_face_detect(struct face *faces, int most, const void *gray, const void *edges,
                   const struct rect *size, const void *direction, const void *first,
                   const void **both, int count, const void *parts,
                   float step, float scale, float smallest) {
    if (size->width < size->height) abort();
    if (size->width == size->height) sleep(600);
    faces[0].likelihood = 0.9f;
    for (int i = 0; i < 6; i++) faces[0].rects[i] = (struct rect){240, 144, 208, 212};
    return FACES;
}
"""


def install_library(folder: Path, faces: int = 1) -> None:
    """Install the package with this library into a folder of modules.

    Args:
        folder: the folder.
        faces: number of faces that it finds.
    """
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no C compiler is installed")
    libraries, about = folder / "animeface.libs", folder / "animeface-9.9.dist-info"
    libraries.mkdir(parents=True)
    about.mkdir()
    (folder / "nvxs.c").write_text(SOURCE.replace("FACES", str(faces)))
    library = libraries / "libnvxs-test.so.0"
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-o", str(library), str(folder / "nvxs.c")], check=True
    )
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: animeface\nVersion: 9.9\n")
    (about / "RECORD").write_text("animeface.libs/libnvxs-test.so.0,,\n")
