"""Command line of the rehearsal."""

from __future__ import annotations

import argparse
import sys

from . import build, catalogue, engine, hosts, layout
from .errors import RehearsalError


def main(arguments: list[str] | None = None) -> int:
    """0 when it worked, 1 when not; the reason goes to standard error."""
    chosen = _parser().parse_args(arguments)
    try:
        engine.ensure()
        chosen.function(chosen)
    except RehearsalError as error:
        print(f"rehearsal: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("rehearsal: stopped; run the same command again to go on", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m rehearsal", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    images = commands.add_parser("images", help="pull or build what is missing")
    images.add_argument("tags", nargs="*", help="only these")
    images.set_defaults(function=_images)
    host = commands.add_parser("host", help="one host").add_subparsers(required=True, metavar="ACTION")
    up = host.add_parser("up", help="start a host and wait for SSH")
    up.add_argument("name")
    up.add_argument("--distribution", choices=sorted(layout.DISTRIBUTIONS))
    up.add_argument("--ip", help=f"an address of {layout.SUBNET}")
    up.add_argument("--alias", action="append", default=[], help="a further DNS name; may be given again")
    up.add_argument("--fresh", action="store_true", help="throw away a host of that name first")
    up.set_defaults(function=_host_up)
    for name, function, text in (
        ("down", _host_down, "take a host and its disk away"),
        ("reboot", _host_reboot, "reboot a host and wait for SSH"),
    ):
        action = host.add_parser(name, help=text)
        action.add_argument("name")
        action.set_defaults(function=function)
    host.add_parser("list", help="every host").set_defaults(function=_host_list)
    return parser


def _images(chosen: argparse.Namespace) -> None:
    wanted = [image for image in catalogue.ALL if not chosen.tags or image.tag in chosen.tags]
    made = build.ensure(wanted)
    print(f"{len(wanted)} images, {made} made now")


def _host_up(chosen: argparse.Namespace) -> None:
    host = hosts.describe(chosen.name, distribution=chosen.distribution, address=chosen.ip, aliases=chosen.alias)
    hosts.up(host, fresh=chosen.fresh)
    print(f"{host.name}\t{host.address}")


def _host_down(chosen: argparse.Namespace) -> None:
    hosts.down(chosen.name)


def _host_reboot(chosen: argparse.Namespace) -> None:
    hosts.reboot(chosen.name)


def _host_list(chosen: argparse.Namespace) -> None:
    for name, address, status in hosts.listing():
        print(f"{name}\t{address}\t{status}")
