"""Everything that keeps a hostile model inside: raised once, before a byte of the model is read.

Files: Landlock; only Python and the input can be read, nothing can be written but what is open.
Network and processes: a system call filter, and a network namespace where the kernel gives one.
Limits on memory, processor time, file sizes and open files. Without privileges, for good.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import sysconfig
from dataclasses import asdict, dataclass
from typing import Any

from .landlock import restrict_files
from .seccomp import filter_calls

_PR_SET_PDEATHSIG, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 1, 24, 38
_PR_SET_SECUREBITS, _SECUREBITS_ALL_LOCKED = 28, 0b10101111
_CAPABILITIES, _CAPABILITY_VERSION = 64, 0x20080522
_CLONE_NEWUSER, _CLONE_NEWNET, _CLONE_NEWIPC, _CLONE_NEWUTS = (
    0x10000000, 0x40000000, 0x08000000, 0x04000000,
)  # fmt: skip
# What frameworks read of the machine: libraries, time zones, processor and memory, and of themselves.
_SYSTEM = (
    "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache",
    "/usr/share/zoneinfo", "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu",
    "/sys/devices/system/node", "/proc/self", "/dev/null", "/dev/urandom",
)  # fmt: skip


@dataclass(frozen=True)
class Limits:
    """Bytes, seconds of processor time, open files."""

    memory: int
    seconds: int
    file: int
    files: int = 256


@dataclass(frozen=True)
class Walls:
    """Which walls stand; files is Landlock's version."""

    files: int | None
    calls: bool
    namespace: bool
    limits: bool

    @property
    def enough_for_pickle(self) -> bool:
        """Whether code that a pickle brings along can reach nothing but itself."""
        return self.files is not None and self.calls and self.limits

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def raise_walls(
    readable: list[str], limits: Limits, parent: int, devices: list[str] | None = None
) -> Walls:
    """Raises every wall this platform has; the caller decides whether they are enough.

    Devices stay open for reading, writing and commands of their own.
    """
    if sys.platform != "linux":
        return Walls(None, calls=False, namespace=False, limits=_limit(limits))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        raise SystemExit("the process that started this one is gone")
    limited = _limit(limits)
    namespace = _leave_network(libc)
    _drop_privileges(libc)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return Walls(None, calls=False, namespace=namespace, limits=limited)
    files = restrict_files(libc, [*_SYSTEM, *_python_folders(), *readable], devices or [])
    return Walls(files, filter_calls(libc), namespace, limited)


def _limit(limits: Limits) -> bool:
    try:
        import resource
    except ImportError:
        return False
    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: limits.seconds,
        resource.RLIMIT_FSIZE: limits.file,
        resource.RLIMIT_NOFILE: limits.files,
        resource.RLIMIT_AS: limits.memory,
    }
    try:
        for kind, most in wanted.items():
            hard = resource.getrlimit(kind)[1]
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(kind, (most, most))
        return True
    except (OSError, ValueError):
        return False


def _leave_network(libc: ctypes.CDLL) -> bool:
    """A network of its own with nothing in it; a user namespace as well where that is needed."""
    own = _CLONE_NEWNET | _CLONE_NEWIPC | _CLONE_NEWUTS
    return libc.unshare(own) == 0 or libc.unshare(own | _CLONE_NEWUSER) == 0


def _drop_privileges(libc: ctypes.CDLL) -> None:
    """No capability, and none to be had again, also for the superuser."""
    libc.prctl(_PR_SET_SECUREBITS, _SECUREBITS_ALL_LOCKED, 0, 0, 0)
    for capability in range(_CAPABILITIES):
        libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    libc.capset(header, (ctypes.c_uint32 * 6)())


def _python_folders() -> list[str]:
    paths = sysconfig.get_paths()
    listed = [paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    base = os.path.join(sys.base_prefix, "lib")
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    links = [os.path.realpath(path) for path in (*listed, base, package)]
    return sorted({*listed, base, package, *links})
