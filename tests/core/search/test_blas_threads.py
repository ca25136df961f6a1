"""Searches and decoding use one thread each of BLAS and OpenCV."""

import cv2
from threadpoolctl import threadpool_info

from whenanime_pipeline.core.search.blas_threads import limit_to_one_thread


def test_blas_and_opencv_use_one_thread() -> None:
    before = cv2.getNumThreads()
    try:
        limit_to_one_thread()
        assert cv2.getNumThreads() == 1
        blas = [one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"]
        assert blas
        assert set(blas) == {1}
    finally:
        cv2.setNumThreads(before)
