"""Which servers are believed to be who they say: those that the system trusts.

A hospital that signs its own certificates adds its authority to the system's, or names a file of
authorities in the variable SSL_CERT_FILE.
"""

from __future__ import annotations

import ssl
from functools import cache

__all__ = ["trusted"]


@cache
def trusted() -> ssl.SSLContext:
    """The authorities of the system. Reading them takes a while, so that it is done once."""
    return ssl.create_default_context()
