"""Threads share one heap: what one rendering frees, the next one uses."""

import ctypes
import subprocess
import sys

import pytest

# Four threads take memory at once; the allocator then tells of its heaps.
_PROGRAM = """
import ctypes, sys, threading
from shared_code.memory import share_one_arena
if "share" in sys.argv:
    share_one_arena()
libc = ctypes.CDLL(None)
libc.malloc_info.argtypes = [ctypes.c_int, ctypes.c_void_p]
libc.fdopen.restype = ctypes.c_void_p
gate = threading.Barrier(5)
def work():
    libc.malloc(50_000)
    gate.wait()
threads = [threading.Thread(target=work) for _ in range(4)]
for t in threads: t.start()
gate.wait()
for t in threads: t.join()
out = libc.fdopen(1, b"w")
libc.malloc_info(0, out)
libc.fflush(ctypes.c_void_p(out))
"""


@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "malloc_info"), reason="only glibc tells of its arenas"
)
def test_threads_share_the_heap_of_the_main_thread() -> None:
    assert _heaps("apart") > 1
    assert _heaps("share") == 1


def _heaps(how: str) -> int:
    command = [sys.executable, "-c", _PROGRAM, how]
    printed = subprocess.run(command, check=True, capture_output=True, text=True)
    return printed.stdout.count("<heap nr=")
