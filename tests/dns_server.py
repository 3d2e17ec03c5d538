"""A DNS server for tests, in the test's own loop, over UDP: it says what its zones say, or is silent about a name."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from dns import flags, message, name, rcode, rdatatype, rrset
from dns.asyncresolver import Resolver
from dns.message import QueryMessage

from events.mail.domain.lookups import Lookups


class DnsServer(asyncio.DatagramProtocol):
    """`records` by name and kind, as a zone file writes them: {("example.org", "TXT"): ['"v=spf1 -all"']}."""

    def __init__(self, records: dict[tuple[str, str], list[str]]) -> None:
        self.records = records
        self.lost: set[str] = set()  # names for which no answer comes
        self.broken: set[str] = set()  # names for which it says that it cannot
        self.asked: list[tuple[str, str]] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        query = message.from_wire(data)
        [question] = query.question
        asked, kind = question.name.to_text(omit_final_dot=True).lower(), rdatatype.to_text(question.rdtype)
        self.asked.append((asked, kind))
        if asked in self.lost:
            return
        answer = message.make_response(cast("QueryMessage", query))
        answer.flags |= flags.RA
        there = self.records.get((asked, kind))
        if asked in self.broken:
            answer.set_rcode(rcode.SERVFAIL)
        elif there:
            answer.answer.append(rrset.from_text(name.from_text(asked), 60, "IN", kind, *there))
        elif not any(known == asked for known, _ in self.records):
            answer.set_rcode(rcode.NXDOMAIN)
        self.transport.sendto(answer.to_wire(max_size=65_000), addr)


@asynccontextmanager
async def dns_server(records: dict[tuple[str, str], list[str]]) -> AsyncIterator[tuple[DnsServer, Lookups]]:
    """And lookups that ask it."""
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(lambda: DnsServer(records), local_addr=("127.0.0.1", 0))
    resolver = Resolver(configure=False)
    resolver.nameservers = ["127.0.0.1"]
    resolver.port = transport.get_extra_info("sockname")[1]
    try:
        yield server, Lookups(resolver)
    finally:
        transport.close()
