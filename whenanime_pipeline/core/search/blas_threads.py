"""One thread for one search or one picture: the other cores have others to work on."""

import cv2
from threadpoolctl import threadpool_limits


def limit_to_one_thread() -> None:
    """Have this process's linear algebra and picture operations done by the thread that asks.

    A search is hundreds of small products and pictures. Threads that share one take longer to meet
    than it takes, and OpenBLAS's spin until the next: measured on two cores at 105,000 frames, a
    search alone took 0.19 s of processor and 0.105 s of time with two threads each, and 0.09 s of
    both with one; and describing key frames, a thread a picture, took 0.87 of the processor's time.
    """
    cv2.setNumThreads(1)
    threadpool_limits(1, user_api="blas")
