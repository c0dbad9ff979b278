"""The secret of an app at a vendor: written in settings, or in a file that only the service may read."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from connectors.errors import ConfigurationError


def exactly_one(written: SecretStr | None, file: Path | None) -> None:
    """Check that settings give the secret in one way.

    Raises:
        ValueError: in none or both, for a settings class to report.
    """
    if (written is None) == (file is None):
        raise ValueError("give exactly one of client_secret, client_secret_file")


def secret_of(written: SecretStr | None, file: Path | None, where_from: str) -> str:
    """The client secret itself.

    Args:
        written: the secret, where settings hold it.
        file: the file that holds it and nothing else.
        where_from: where a new one is made, for the message.

    Raises:
        ConfigurationError: the file is missing, unreadable or empty.
    """
    if written is not None:
        return written.get_secret_value()
    secret = text_of("client_secret_file", file or Path()).strip()
    if not secret:
        raise ConfigurationError(f"client_secret_file is empty: put a secret there, from {where_from}")
    return secret


def text_of(setting: str, path: Path) -> str:
    """The text of a file that a setting names.

    Raises:
        ConfigurationError: it is missing or cannot be read.
    """
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"{setting}: {path} cannot be read ({type(error).__name__}): check the path and who may read it"
        ) from None
