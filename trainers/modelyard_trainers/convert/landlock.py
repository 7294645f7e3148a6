"""Landlock (linux/landlock.h): the files that may be read from now on; none may be written."""

from __future__ import annotations

import ctypes
import os
import struct

# The same numbers on every architecture that has Landlock.
_CREATE, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_QUERY, _RULE_PATH_BENEATH = 1, 1
_WRITE_FILE, _READ_FILE, _READ_DIR, _IOCTL_DEV = 1 << 1, 1 << 2, 1 << 3, 1 << 15
# Rights the kernel knows, by the version of its interface: REFER came with 2, TRUNCATE with 3 …
_FILE_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_TCP = 0b11
_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11


def restrict_files(
    libc: ctypes.CDLL, readable: list[str], devices: list[str] | None = None
) -> int | None:
    """Locks this thread and all it starts to reading below the paths. None where there is no Landlock.

    Devices may be written and commanded as well.

    Answers the version of the interface. Must be called while the process has one thread.
    """
    version = libc.syscall(_CREATE, None, ctypes.c_size_t(0), _VERSION_QUERY)
    if version < 1:
        return None
    rights = _FILE_RIGHTS[max(known for known in _FILE_RIGHTS if known <= version)]
    words = [rights]
    if version >= 4:
        words.append(_TCP)
    if version >= 6:
        words.append(_ABSTRACT_SOCKETS_AND_SIGNALS)
    attributes = struct.pack(f"{len(words)}Q", *words)
    ruleset = libc.syscall(
        _CREATE, ctypes.c_char_p(attributes), ctypes.c_size_t(len(attributes)), 0
    )
    if ruleset < 0:
        return None
    try:
        for path in readable:
            _allow(libc, ruleset, path, _READ_FILE)
        for path in devices or []:
            _allow(libc, ruleset, path, (_READ_FILE | _WRITE_FILE | _IOCTL_DEV) & rights)
        return version if libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0 else None
    finally:
        os.close(ruleset)


def _allow(libc: ctypes.CDLL, ruleset: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        rights |= _READ_DIR if os.path.isdir(path) else 0
        rule = struct.pack("=Qi", rights, place)
        if libc.syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, ctypes.c_char_p(rule), 0) != 0:
            raise OSError(ctypes.get_errno(), "a Landlock rule was refused", path)
    finally:
        os.close(place)
