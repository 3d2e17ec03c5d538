"""The address that a phone is sent to: the one of the network that it can be in, or the person is asked."""

import pytest

from events.ground.refusal import Refused
from registrations.rehearsal import own_address
from registrations.rehearsal.own_address import LOOPBACK, POINT_TO_POINT, RUNNING, UP, Interface, choose

ON = UP | RUNNING
WIFI = Interface("wlan0", "192.168.1.20", ON)
CABLE = Interface("eth0", "10.0.0.5", ON)
TUNNEL = Interface("wg0", "10.8.0.2", ON | POINT_TO_POINT)
NOT_SHARED = (
    TUNNEL,
    Interface("lo", "127.0.0.1", ON | LOOPBACK),
    Interface("docker0", "172.17.0.1", UP),  # with nothing in it
    Interface("eth1", "192.168.9.9", RUNNING),
    Interface("eth2", "169.254.7.7", ON),  # where nobody gave an address
    Interface("eth3", "8.8.8.8", ON),
)


@pytest.mark.parametrize(
    ("on_the_way", "among", "chosen"),
    [
        (WIFI.address, [WIFI], WIFI),
        (CABLE.address, [WIFI, CABLE], CABLE),
        (TUNNEL.address, [WIFI], WIFI),  # of whom all goes through a VPN
        ("", [WIFI], WIFI),  # of a network that leads nowhere, such as a router that stands alone
        (CABLE.address, [], CABLE),  # where the system does not tell us its interfaces
    ],
)
def test_it_is_the_one_that_leads_on_or_the_only_one(
    on_the_way: str, among: list[Interface], chosen: Interface
) -> None:
    assert choose(on_the_way, among) == chosen.address


@pytest.mark.parametrize("on_the_way", ["", TUNNEL.address])
def test_whoever_is_in_several_networks_is_asked(on_the_way: str) -> None:
    with pytest.raises(Refused) as refused:
        choose(on_the_way, [WIFI, CABLE])
    assert refused.value.sentence == own_address.SEVERAL.format("192.168.1.20 (wlan0), 10.0.0.5 (eth0)", WIFI.address)


def test_without_any_network_it_says_so() -> None:
    with pytest.raises(Refused, match="This computer is in no network"):
        choose("", [])


def test_no_phone_is_sent_where_none_can_be() -> None:
    assert [interface.name for interface in (WIFI, *NOT_SHARED) if interface.is_shared()] == ["wlan0"]


def test_the_system_tells_its_interfaces() -> None:
    [own] = [interface for interface in own_address.interfaces() if interface.address == "127.0.0.1"]
    assert own.state & LOOPBACK
    assert own.state & UP
