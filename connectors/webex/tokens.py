"""The refresh token of a Webex app, kept in one file so that a crash at any moment leaves one that works.

Webex has no sign-in by client secret alone: whoever loses the refresh token must ask an administrator for a new one.
The file therefore holds the newest token and, until that one has been used, the one before it; a new token is written
beside it, forced to disk and moved into its place before anything is asked with what came along with it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import filelock
import msgspec

from connectors.errors import ConfigurationError, RetryLater

LONGEST_RENEWAL_SECONDS = 120
WHERE_FROM = "developer.webex.com → My Webex Apps → the integration or service app"


class Kept(msgspec.Struct, omit_defaults=True):
    """What the file holds; the answer of the vendor's own token route, or the bare token, is understood as well."""

    refresh_token: str
    renewed_at: datetime | None = None
    """When the token was last used or given."""
    previous: str | None = None
    """The token that the newest was given for."""


class RefreshTokenFile:
    """One file with one refresh token.

    Args:
        path: the file; a lock file and, for moments, an unfinished copy stand beside it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._unfinished = path.with_name(f".{path.name}.tmp")

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold this while renewing: one at a time, over all processes.

        Raises:
            ConfigurationError: the folder is missing or may not be written.
            RetryLater: another run holds it too long.
        """
        lock = filelock.FileLock(self._path.with_name(f"{self._path.name}.lock"))
        try:
            lock.acquire(timeout=LONGEST_RENEWAL_SECONDS)
        except filelock.Timeout:
            raise RetryLater(
                f"another run has held {self._path.name}.lock for {LONGEST_RENEWAL_SECONDS} seconds; the next run "
                "tries again"
            ) from None
        except OSError as error:
            raise self._unwritable(error) from None
        try:
            yield
        finally:
            lock.release()

    def tokens(self) -> list[str]:
        """The tokens that may be good, the newest first.

        Raises:
            ConfigurationError: the file is missing, unreadable, empty or readable by others.
        """
        kept = self._read(self._path)
        found = [kept.refresh_token, *([kept.previous] if kept.previous else [])]
        with suppress(ConfigurationError):
            # left by a run that died before it could move it into place
            found.insert(0, self._read(self._unfinished).refresh_token)
        return list(dict.fromkeys(found))

    def renewed_at(self) -> datetime:
        """When the token was last renewed; for one that a person put there, when the file was written.

        Raises:
            ConfigurationError: as :meth:`tokens`.
        """
        written = self._read(self._path).renewed_at
        return written or datetime.fromtimestamp(self._path.stat().st_mtime, UTC)

    def keep(self, token: str, used: str, now: datetime) -> None:
        """Put the newest token in place, beside the one that was used to get it.

        Raises:
            ConfigurationError: the file cannot be written; what it held is still there.
        """
        kept = Kept(token, now, used if used != token else None)
        try:
            handle = os.open(self._unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "wb") as file:
                self._unfinished.chmod(0o600)
                file.write(msgspec.json.encode(kept) + b"\n")
                file.flush()
                os.fsync(file.fileno())
            self._unfinished.replace(self._path)
            if os.name == "posix":
                folder = os.open(self._path.parent, os.O_RDONLY)
                try:
                    os.fsync(folder)
                finally:
                    os.close(folder)
        except OSError as error:
            raise self._unwritable(error) from None

    def _read(self, path: Path) -> Kept:
        try:
            text = path.read_text("utf-8").strip()
            mode = stat.S_IMODE(path.stat().st_mode)
        except FileNotFoundError:
            raise ConfigurationError(
                f"token_file: there is no {path}: check the path, or put the refresh token there, from {WHERE_FROM}"
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(
                f"token_file: {path} cannot be read ({type(error).__name__}): check the path and who may read it"
            ) from None
        if os.name == "posix" and mode & 0o077:
            raise ConfigurationError(f"token_file: others can read {path}: run chmod 600 on it, and try again")
        try:
            kept = msgspec.json.decode(text, type=Kept) if text.startswith("{") else Kept(text)
        except msgspec.DecodeError:
            kept = Kept("")
        if not kept.refresh_token or len(kept.refresh_token.split()) != 1:
            raise ConfigurationError(
                f"token_file: {path} holds no refresh token: check it, or take one from {WHERE_FROM}"
            )
        return kept

    def _unwritable(self, error: OSError) -> ConfigurationError:
        return ConfigurationError(
            f"token_file: {self._path} cannot be renewed ({type(error).__name__}): check that its folder is there and "
            "may be written, since Webex may give a new refresh token at every use"
        )
