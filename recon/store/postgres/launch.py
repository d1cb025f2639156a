"""Runs before a program Tieout supervises: `python -I -S launch.py PARENT SIGNAL UID GID PROGRAM ARGUMENT...`

Becomes the given user (UID -1: stays), asks the kernel (Linux) to send SIGNAL when the parent dies, and turns into the
program, keeping its process id. A program of its own, because work between fork and exec is not safe in a threaded
parent. It imports nothing of ours: it must start at once, under any user.
"""

import ctypes
import os
import sys

LAUNCH = __file__
PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, signal, uid, gid = (int(text) for text in sys.argv[1:5])
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    os.umask(0o077)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal)  # forgotten by setuid: hence after it
        if os.getppid() != parent:
            sys.exit("The parent ended before its program could start.")
    os.execv(sys.argv[5], sys.argv[5:])  # noqa: S606 - the caller's program, no shell


if __name__ == "__main__":
    main()
