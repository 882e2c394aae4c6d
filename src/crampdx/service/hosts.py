"""By which names the service may be called.

A page of the web can make a browser call a service on the same machine, by a name of its own that
it lets mean 127.0.0.1 (DNS rebinding). The browser then sends that name, and it is refused.
"""

from __future__ import annotations

import re
from collections.abc import Set

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from crampdx.service.api.problems import Problem, response
from crampdx.service.limits import ALWAYS_SERVED

__all__ = ["HostCheck", "host_of"]

_PORT = re.compile(r":[0-9]{0,5}$")


def host_of(header: str) -> str:
    """The name in a `Host` header, without its port.

    >>> host_of("LocalHost:8000"), host_of("[::1]:8000"), host_of("[::1]")
    ('localhost', '[::1]', '[::1]')
    """
    return _PORT.sub("", header.strip().lower()) if not header.endswith("]") else header.lower()


class HostCheck:
    """The middleware that refuses calls by other names.

    What holds no patient data and is asked by those who watch over the service is served by any:
    they often know only an address.
    """

    def __init__(self, app: ASGIApp, hosts: Set[str]) -> None:
        self.app = app
        self.hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] in ALWAYS_SERVED or self._is_good(scope):
            await self.app(scope, receive, send)
            return
        message = "this host name is not served; add it to the setting allowed_hosts"
        refusal = response(Problem(421, "security", message), scope["path"])
        await refusal(scope, receive, send)

    def _is_good(self, scope: Scope) -> bool:
        given = Headers(scope=scope).getlist("host")
        return len(given) == 1 and host_of(given[0]) in self.hosts
