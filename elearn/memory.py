"""What a process that only serves sets once, so that it neither hoards memory nor sweeps it too
often."""

import ctypes
import gc
import platform

ARENAS = 2
_M_ARENA_MAX = -8


def collect_rarely() -> None:
    """An open connection is hundreds of objects that stay, and the collector's own pace walks
    through all of them again and again while many arrive."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def share_arenas() -> None:
    """Before any thread begins. glibc gives each of them an arena of its own, which keeps what it
    had at most: the search index alone has a dozen threads."""
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, ARENAS)
