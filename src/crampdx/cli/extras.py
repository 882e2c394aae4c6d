"""What commands need beside the core: the extras of the package."""

from collections.abc import Iterator
from contextlib import contextmanager

from crampdx.cli.terminal import UsageError

__all__ = ["service_extra"]


@contextmanager
def service_extra() -> Iterator[None]:
    """Around imports of `crampdx.service`: say what to install where a package is missing.

    Raises:
        UsageError: A package of the extra `service` is missing.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("crampdx"):
            raise
        raise UsageError("this command needs an extra: pip install 'crampdx[service]'") from None
