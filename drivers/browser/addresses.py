"""Which hosts and addresses may be reached. A name is resolved once, and what was checked is what is connected to.

Covers: hosts that no grant names; loopback, private, link-local, multicast and reserved addresses, IPv4 and IPv6,
however they are spelled (decimal, octal, hex, IPv4 inside IPv6) and whichever name resolves to them.
Does not cover: what a public server does with a request once it may be reached.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence

from drivers.browser.errors import BrowserError, Refused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

NAT64 = ipaddress.ip_network("64:ff9b::/96")
SITE_LOCAL = ipaddress.ip_network("fec0::/10")


async def resolve(host: str, port: int) -> list[str]:
    """Every address of a name, as the system says. Raises BrowserError."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(10):
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, TimeoutError) as error:
        raise BrowserError(f"There is no host called {host}; look at the address again.") from error
    return list(dict.fromkeys(str(row[4][0]) for row in found))


def spelled(host: str) -> str:
    """A host in the one spelling that grants are compared with."""
    host = host.strip().strip("[]").rstrip(".").lower().partition("%")[0]
    if address := literal(host):
        return str(address)
    try:
        return host.encode("idna").decode() if host else ""
    except UnicodeError:
        return host


def literal(host: str) -> Address | None:
    """The address that a host spells itself, also in decimal, octal or hex; None for a name."""
    try:
        return inner(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host)) if host[:1].isdigit() else None
    except (OSError, ValueError, UnicodeError):
        return None


def inner(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, where it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped:
        return address.ipv4_mapped
    if address.sixtofour:
        return address.sixtofour
    number = int(address)
    if address in NAT64 or (number >> 32 == 0 and number > 1):
        return ipaddress.IPv4Address(number & 0xFFFFFFFF)
    return address


def is_public(address: Address) -> bool:
    address = inner(address)
    return address.is_global and not address.is_multicast and not (address.version == 6 and address in SITE_LOCAL)


def host_granted(host: str, grants: Iterable[str]) -> bool:
    """Whether a grant names this host: itself, `*.` before its parent, or `*`."""
    host = spelled(host)
    for grant in grants:
        pattern = grant.strip().lower()
        if pattern == "*" or host == spelled(pattern):
            return True
        if pattern.startswith("*.") and host.endswith(pattern[1:]) and literal(host) is None:
            return True
    return False


def address_granted(address: Address, grants: Iterable[str]) -> bool:
    """Public ones always; any other only when a grant spells it. A name that leads there is no such grant."""
    if is_public(address):
        return True
    spelling = [spelled(grant) for grant in grants]
    return str(inner(address)) in spelling or ("localhost" in spelling and inner(address).is_loopback)


async def admit(host: str, port: int, grants: Sequence[str], find: Resolve = resolve) -> list[str]:
    """The checked addresses to connect to. Raises Refused, or BrowserError for a name that leads nowhere."""
    name = spelled(host)
    if not name or not host_granted(name, grants):
        raise Refused(f"{name or 'A host without a name'} is not granted; ask for it with open.")
    itself = literal(name)
    found = [str(itself)] if itself else await find(name, port)
    addresses = [ipaddress.ip_address(one.partition("%")[0]) for one in found]
    if not addresses:
        raise BrowserError(f"There is no host called {name}; look at the address again.")
    if closed := [one for one in addresses if not address_granted(one, grants)]:
        raise Refused(f"{name} leads to {closed[0]}, which is no public address and not granted.")
    return [str(one) for one in addresses]
