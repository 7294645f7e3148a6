"""Numbers of the system calls a conversion must not make, from asm/unistd_64.h and asm-generic."""

from __future__ import annotations

import platform

# Architecture of the running kernel: AUDIT_ARCH of linux/audit.h, and the column of the table.
_ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}

CLONE, CLONE3, KILL, TGKILL, PRLIMIT64 = "clone", "clone3", "kill", "tgkill", "prlimit64"
IOCTL = "ioctl"
SPECIAL = {CLONE: (56, 220), CLONE3: (435, 435), KILL: (62, 129), TGKILL: (234, 131),
           PRLIMIT64: (302, 261), IOCTL: (16, 29)}  # fmt: skip
# FS_IOC_SETFLAGS, FS_IOC_FSSETXATTR and FS_IOC_SETVERSION need no file open for writing.
IOCTLS_DENIED = (0x40086602, 0x401C5820, 0x40087602)

# x86_64, aarch64; None where the architecture has no such call.
_DENIED: dict[str, tuple[int | None, int | None]] = {
    # Other processes and programs.
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "tkill": (200, 130), "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240),
    "pidfd_open": (434, 434), "pidfd_send_signal": (424, 424), "pidfd_getfd": (438, 438),
    "setpriority": (141, 140), "sched_setaffinity": (203, 122), "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119), "sched_setattr": (314, 274), "ioprio_set": (251, 30),
    "migrate_pages": (256, 238), "move_pages": (279, 239), "kcmp": (312, 272),
    "process_madvise": (440, 440), "process_mrelease": (448, 448), "setpgid": (109, 154),
    "setsid": (112, 157),
    # The network, and doors that open files past the walls.
    "socket": (41, 198), "socketpair": (53, 199), "connect": (42, 203), "bind": (49, 200),
    "listen": (50, 201), "accept": (43, 202), "accept4": (288, 242),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "open_by_handle_at": (304, 265), "name_to_handle_at": (303, 264),
    # What Landlock does not govern: the metadata of files, and lengths on old kernels.
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, None), "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54),
    "utime": (132, None), "utimes": (235, None), "futimesat": (261, None),
    "utimensat": (280, 88), "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16),
    "truncate": (76, 45), "setxattrat": (463, 463), "removexattrat": (466, 466),
    "file_setattr": (469, 469),
    # Memory that outlives the process or that its limit does not count.
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194),
    "semget": (64, 190), "msgget": (68, 186), "mq_open": (240, 180), "mlockall": (151, 230),
    # The kernel itself.
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "move_mount": (429, 429), "open_tree": (428, 428), "fsopen": (430, 430),
    "mount_setattr": (442, 442), "unshare": (272, 97), "setns": (308, 268), "bpf": (321, 280),
    "perf_event_open": (298, 241), "userfaultfd": (323, 282), "keyctl": (250, 219),
    "add_key": (248, 217), "request_key": (249, 218), "kexec_load": (246, 104),
    "kexec_file_load": (320, 294), "init_module": (175, 105), "finit_module": (313, 273),
    "delete_module": (176, 106), "reboot": (169, 142), "swapon": (167, 224),
    "swapoff": (168, 225), "sethostname": (170, 161), "setdomainname": (171, 162),
    "quotactl_fd": (443, 443), "modify_ldt": (154, None), "inotify_init": (253, None),
    "settimeofday": (164, 170), "clock_settime": (227, 112), "adjtimex": (159, 171),
    "clock_adjtime": (305, 266), "quotactl": (179, 60), "acct": (163, 89), "syslog": (103, 116),
    "personality": (135, 92), "fanotify_init": (300, 262), "inotify_init1": (294, 26),
}  # fmt: skip


def architecture() -> tuple[int, int] | None:
    """AUDIT_ARCH and table column of this machine; None where no table is known."""
    return _ARCHITECTURES.get(platform.machine())


def denied(column: int) -> list[int]:
    """Numbers of all calls that are refused whatever their arguments."""
    return sorted({number for row in _DENIED.values() if (number := row[column]) is not None})
