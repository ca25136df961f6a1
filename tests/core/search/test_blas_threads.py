"""A search or a picture takes one processor, not all of them."""

import cv2
from threadpoolctl import threadpool_info

from whenanime_pipeline.core.search.blas_threads import limit_to_one_thread


def test_nothing_is_shared_between_threads() -> None:
    before = cv2.getNumThreads()
    try:
        limit_to_one_thread()
        assert cv2.getNumThreads() == 1
        blas = [one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"]
        assert blas
        assert set(blas) == {1}
    finally:
        cv2.setNumThreads(before)
