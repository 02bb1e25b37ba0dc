"""The C allocator's habits, as far as they decide how large an instance must be."""

import ctypes

# malloc.h of glibc.
_M_ARENA_MAX = -8


def share_one_arena() -> None:
    """Keep glibc from giving each thread a heap of its own, where freed memory stays.

    Renderings run in worker threads one after the other, and each would leave its peak behind.
    The environment variable MALLOC_ARENA_MAX comes too late: the platform starts workers before
    it knows whose they will be. Elsewhere than on glibc this does nothing.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt:
        mallopt(_M_ARENA_MAX, 1)
