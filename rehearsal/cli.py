"""Command line of the rehearsal."""

from __future__ import annotations

import argparse
import sys

from . import apps, build, catalogue, engine, hosts, keys, layout, network, parts, push, secret_file, status
from .account import cli as account
from .account.push import to_ecr as push_to_ecr
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
    everything = commands.add_parser("up", help="start the parts and the hosts")
    everything.add_argument("hosts", nargs="*", help="instead of chat-1 and resee-1")
    everything.set_defaults(function=_up)
    commands.add_parser("down", help="take everything away but the images").set_defaults(function=_down)
    commands.add_parser("clean", help="take everything away, images too").set_defaults(function=_clean)
    shown = commands.add_parser("status", help="what stands where, and what to type next")
    shown.add_argument("app", nargs="?", help="how to reach this app")
    shown.set_defaults(function=_status)
    pushed = commands.add_parser("push", help="hand local images to the registry")
    pushed.add_argument("images", nargs="+", metavar="IMAGE:TAG")
    pushed.set_defaults(function=_push)
    built = commands.add_parser("app", help="build an example app and hand it to the registry")
    built.add_argument("app")
    built.add_argument("versions", nargs="+")
    built.add_argument("--ecr", action="store_true", help="hand it to the account's ECR, too")
    built.set_defaults(function=_app)
    beside = commands.add_parser("parts", help="what stands beside the hosts")
    beside = beside.add_subparsers(required=True, metavar="ACTION").add_parser("up", help="start all parts, no host")
    beside.set_defaults(function=_parts_up)
    host = commands.add_parser("host", help="one host").add_subparsers(required=True, metavar="ACTION")
    up = host.add_parser("up", help="start a host and wait for SSH")
    up.add_argument("name")
    up.add_argument("--distribution", choices=layout.DISTRIBUTIONS)
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
    account.add_to(commands)
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
    for name, address, standing in hosts.listing():
        print(f"{name}\t{address}\t{standing}")


def _parts_up(chosen: argparse.Namespace) -> None:
    _ready_for(list(layout.STORES))


def parts_up() -> None:
    """Every part beside the hosts runs when this returns, and the mirror has what the account's machines ask it for."""
    _ready_for([], layout.CLIENTS)


def _up(chosen: argparse.Namespace) -> None:
    wanted = chosen.hosts or list(layout.STORES)
    _ready_for(wanted)
    for name in wanted:
        hosts.up(hosts.describe(name, distribution=None, address=None, aliases=[]))


def _ready_for(names: list[str], more: tuple[str, ...] = ()) -> None:
    """Every part runs, and the mirror has the images of the stores that these hosts will ask it for."""
    keys.ensure()
    secret_file.ensure()
    stores = sorted({*more, *(image for name in names for image in layout.STORES.get(name, ()))})
    build.ensure([catalogue.PARTS, *(image for image in catalogue.OFFICIAL if image.tag in stores)])
    network.ensure()
    parts.up_all()
    for image in stores:
        push.to_mirror(image)


def _down(chosen: argparse.Namespace) -> None:
    account.everywhere_down()
    status.down()


def _clean(chosen: argparse.Namespace) -> None:
    account.everywhere_down()
    status.down()
    status.remove_images()


def _status(chosen: argparse.Namespace) -> None:
    print(status.text(chosen.app), end="")


def _push(chosen: argparse.Namespace) -> None:
    for image in chosen.images:
        push.to_registry(image)
        print(f"{layout.REGISTRY.domain}:{layout.REGISTRY.port}/{image.removeprefix(push.REGISTRY)}")


def _app(chosen: argparse.Namespace) -> None:
    names = apps.ensure(chosen.app, chosen.versions)
    for name in [*names, *(push_to_ecr(chosen.app, names) if chosen.ecr else [])]:
        print(name)
