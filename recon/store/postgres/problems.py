"""What can keep the embedded PostgreSQL from running, each as one sentence with the way out."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from recon.errors import TieoutError


class EmbeddedNotSupported(TieoutError):
    code = "POSTGRES_NOT_SUPPORTED"

    def __init__(self, platform: str) -> None:
        super().__init__(
            f"The built-in PostgreSQL runs on Linux and macOS, not on {platform}. "
            "Set DATABASE_URL=postgresql://... to use a server, or run Tieout inside WSL."
        )


class ProgramsMissing(TieoutError):
    code = "POSTGRES_MISSING"

    def __init__(self) -> None:
        super().__init__(
            "The built-in PostgreSQL is not installed here. Run `make setup`, or set DATABASE_URL to use a server."
        )


class NamelessUser(TieoutError):
    code = "POSTGRES_USER"

    def __init__(self, uid: int) -> None:
        super().__init__(
            f"User id {uid} has no name on this machine, and PostgreSQL needs one. Start Tieout as a user listed "
            "in /etc/passwd, or set DATABASE_URL to use a server."
        )


class NoAccount(TieoutError):
    code = "POSTGRES_USER"

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(
            f"PostgreSQL never runs as root, and there is no user {' or '.join(names)} here to run it. Start Tieout as "
            "an ordinary user, or set DATABASE_URL to use a server."
        )


class AlreadyOwned(TieoutError):
    code = "POSTGRES_OWNED"

    def __init__(self, home: Path, pid: str) -> None:
        super().__init__(
            f"Another Tieout (process {pid or 'unknown'}) is running on {home}. Stop it first, or set RECON_HOME to a "
            "folder of its own."
        )


class FolderNotWritable(TieoutError):
    code = "POSTGRES_FOLDER"

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            f"Tieout cannot write to {folder} ({reason}). Set RECON_HOME to a folder that you may write to."
        )


class FolderOnNetwork(TieoutError):
    code = "POSTGRES_FOLDER"

    def __init__(self, folder: Path, kind: str) -> None:
        super().__init__(
            f"{folder} is on a network file system ({kind}), where PostgreSQL can lose data. Set RECON_HOME to a "
            "folder on a local disk."
        )


class FolderUnreachable(TieoutError):
    code = "POSTGRES_FOLDER"

    def __init__(self, folder: Path, user: str) -> None:
        super().__init__(
            f"PostgreSQL runs as {user}, who may not enter {folder}. Set RECON_HOME to a folder outside private ones, "
            f"or give others the right to pass through (chmod o+x)."
        )


class WrongOwner(TieoutError):
    code = "POSTGRES_OWNER"

    def __init__(self, folder: Path, owner: str, user: str) -> None:
        super().__init__(
            f"{folder} belongs to {owner}, but PostgreSQL would run as {user}. Start Tieout as {owner}, or give the "
            f"folder to {user} (chown -R)."
        )


class WrongMajor(TieoutError):
    code = "POSTGRES_VERSION"

    def __init__(self, folder: Path, found: str, expected: int) -> None:
        super().__init__(
            f"{folder} was made by PostgreSQL {found}; this Tieout brings PostgreSQL {expected}. Start the Tieout that "
            "made it, or set RECON_HOME to a new folder."
        )


class SocketFolderTaken(TieoutError):
    code = "POSTGRES_SOCKET"

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"{folder} exists and is not private to Tieout. Remove it, or set RECON_HOME to a shorter path, so that it "
            "is not needed."
        )


class StartFailed(TieoutError):
    code = "POSTGRES_START"

    def __init__(self, log_folder: Path, last_lines: str) -> None:
        super().__init__(f"PostgreSQL did not start. Its last words, in {log_folder}:\n{last_lines or '(none)'}")


class StopFailed(TieoutError):
    code = "POSTGRES_STOP"

    def __init__(self, pid: int, seconds: int) -> None:
        super().__init__(
            f"PostgreSQL (process {pid}) did not stop within {seconds} seconds. Nothing is lost; end it by hand."
        )


class KeepsFailing(TieoutError):
    code = "POSTGRES_FAILING"

    def __init__(self, count: int, minutes: int, log_folder: Path, last_lines: str) -> None:
        super().__init__(
            f"PostgreSQL stopped {count} times in {minutes} minutes and is left stopped. Its last words, in "
            f"{log_folder}:\n{last_lines or '(none)'}"
        )


def refuse_unsupported_system() -> None:
    """Raise on a system whose users, sockets and locks are not Unix's."""
    if os.name != "posix":
        raise EmbeddedNotSupported(sys.platform)
