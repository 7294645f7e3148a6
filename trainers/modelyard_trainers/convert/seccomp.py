"""A system call filter: no other process or program, no socket, no change of a file's metadata."""

from __future__ import annotations

import ctypes
import errno
import os
import struct

from . import syscalls

_PR_SET_SECCOMP, _MODE_FILTER = 22, 2
_KILL, _ERRNO, _ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
# Classic BPF (linux/bpf_common.h): load a word, compare, mask, return.
_LOAD, _EQUAL, _AT_LEAST, _AND, _RETURN = 0x20, 0x15, 0x35, 0x54, 0x06
_NUMBER, _ARCH, _FIRST_ARGUMENT, _SECOND_ARGUMENT = 0, 4, 16, 24
_X32_BIT = 0x40000000
_CLONE_THREAD = 0x00010000


def filter_calls(libc: ctypes.CDLL) -> bool:
    """Installs the filter for this process for good; False where the kernel or machine has none."""
    machine = syscalls.architecture()
    if machine is None:
        return False
    program = _program(*machine)
    buffer = ctypes.create_string_buffer(program, len(program))
    fprog = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(buffer))
    answer = libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.c_char_p(fprog), 0, 0)
    return bool(answer == 0)


def _program(arch: int, column: int) -> bytes:
    refuse = _ERRNO | errno.EPERM
    steps = [
        _step(_LOAD, _ARCH),
        _step(_EQUAL, arch, 1, 0),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER),
    ]
    if column == 0:
        # The second call table of x86_64, which would step around the numbers below.
        steps += [_step(_AT_LEAST, _X32_BIT, 0, 1), _step(_RETURN, refuse)]
    for number in syscalls.denied(column):
        steps += [_step(_EQUAL, number, 0, 1), _step(_RETURN, refuse)]
    special = {name: numbers[column] for name, numbers in syscalls.SPECIAL.items()}
    # The C library then falls back to clone, whose flags a filter can read.
    steps += [
        _step(_EQUAL, special[syscalls.CLONE3], 0, 1),
        _step(_RETURN, _ERRNO | errno.ENOSYS),
        _step(_EQUAL, special[syscalls.CLONE], 0, 5),
        _step(_LOAD, _FIRST_ARGUMENT),
        _step(_AND, _CLONE_THREAD),
        _step(_EQUAL, 0, 0, 1),
        _step(_RETURN, refuse),
        _step(_RETURN, _ALLOW),
    ]
    # Signals and limits: for itself only. The C library's own calls name it 0 or by its id.
    for name, zero in ((syscalls.KILL, False), (syscalls.TGKILL, False), (syscalls.PRLIMIT64, True)):
        steps += [
            _step(_EQUAL, special[name], 0, 5),
            _step(_LOAD, _FIRST_ARGUMENT),
            _step(_EQUAL, os.getpid(), 2, 0),
            _step(_EQUAL, 0 if zero else os.getpid(), 1, 0),
            _step(_RETURN, refuse),
            _step(_RETURN, _ALLOW),
        ]
    steps += [
        _step(_EQUAL, special[syscalls.IOCTL], 0, 1 + 2 * len(syscalls.IOCTLS_DENIED)),
        _step(_LOAD, _SECOND_ARGUMENT),
    ]
    for command in syscalls.IOCTLS_DENIED:
        steps += [_step(_EQUAL, command, 0, 1), _step(_RETURN, refuse)]
    return b"".join([*steps, _step(_RETURN, _ALLOW)])


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value & 0xFFFFFFFF)
