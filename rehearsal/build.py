"""Images: pulled where a registry is reachable, built from the distribution's packages where none is."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path

from . import catalogue, docker, engine, state
from .catalogue import INPUTS, Image
from .errors import RehearsalError
from .run import INSTALL, check, run, step

OWN_CAS = Path("/usr/local/share/ca-certificates")  # a company's proxy: what this machine trusts, builds trust too
_FERRETDB = "github.com/FerretDB/FerretDB"
_BASE_DOCKERFILE = """\
ARG BASE
FROM ${BASE}
COPY certificates/ /usr/local/share/ca-certificates/
RUN rm -f /etc/apt/apt.conf.d/docker-* \\
 && if ! command -v update-ca-certificates >/dev/null; then apt-get update && apt-get install -y ca-certificates; fi \\
 && update-ca-certificates
"""


def ensure(images: list[Image]) -> int:
    """Every one of ``images`` exists and is up to date when this returns; the number that had to be made."""
    with state.locked("images"):
        made = sum(_ensure_one(image) for image in images)
        if made:
            run(docker.forget_replaced())  # what a running host still stands on refuses, and stays until the next time
        return made


def _ensure_one(image: Image) -> bool:
    base = _base_inputs(image.suite)
    wanted = catalogue.inputs_of(image, base, state.IMAGES)
    found = run(docker.label_of(image.tag, INPUTS))
    if image.official and engine.registry_reachable():
        if found.ok and not found.stdout.strip():
            return False  # the original, pulled earlier
        with step(f"Pulling {image.tag}"):
            if run(["docker", "pull", image.tag], timeout=900).ok:
                return True
        state.remember(registry=False)
    if found.stdout.strip() == wanted:
        return False
    _ensure_base(image.suite, base)
    with step(f"Building {image.tag}"), tempfile.TemporaryDirectory() as folder:
        context = Path(folder) / "context"
        shutil.copytree(state.IMAGES / image.folder, context)
        if image.program is not None:
            shutil.copy2(_go_program(image.program, state.IMAGES / image.folder), context / image.program)
        arguments = {"BASE": catalogue.base_tag(image.suite), **dict(image.arguments)}
        _build(docker.Build(image.tag, context, arguments, {INPUTS: wanted}))
    return True


def _build(job: docker.Build) -> None:
    check(docker.build(job), what=f"Building {job.tag}", timeout=1800)


def _base_inputs(suite: str) -> str:
    trusted = [path.read_text() for path in _own_cas()]
    return catalogue.fingerprint([suite, "ca-certificates", _BASE_DOCKERFILE, *trusted])


def _own_cas() -> list[Path]:
    """CAs that somebody made this machine trust; not those that a Caddy here made for itself, which come and go."""
    return [path for path in sorted(OWN_CAS.glob("*.crt")) if not path.name.startswith("Caddy_Local_Authority")]


def _ensure_base(suite: str, wanted: str) -> None:
    tag = catalogue.base_tag(suite)
    if run(docker.label_of(tag, INPUTS)).stdout.strip() == wanted:
        return
    with step(f"Making the base system {suite}"), tempfile.TemporaryDirectory() as folder:
        context = Path(folder)
        (context / "Dockerfile").write_text(_BASE_DOCKERFILE)
        (context / "certificates").mkdir()
        for certificate in _own_cas():
            shutil.copyfile(certificate, context / "certificates" / certificate.name)
        _build(docker.Build(tag, context, {"BASE": _raw_base(suite)}, {INPUTS: wanted}))


def _raw_base(suite: str) -> str:
    if engine.registry_reachable():
        official = catalogue.SUITES[suite]
        if run(["docker", "pull", official], timeout=600).ok:
            return official
        state.remember(registry=False)
    if suite not in catalogue.BUILDABLE:
        raise RehearsalError(
            f"{catalogue.SUITES[suite]} can only be pulled, and no registry is reachable.",
            fix="use debian13 or debian12",
        )
    tar = state.shared_cache() / f"base-{suite}.tar"
    if not tar.exists():
        part = tar.with_suffix(".part.tar")
        check(
            ["mmdebstrap", "--variant=minbase", "--include=ca-certificates", suite, str(part)],
            what=f"Making {suite} from its packages",
            timeout=900,
        )
        part.replace(tar)
    tag = f"stairway/base-raw:{suite}"
    check(["docker", "import", str(tar), tag], what=f"Importing {tar}", timeout=300)
    return tag


def _go_program(name: str, folder: Path) -> Path:
    """FerretDB, built once for each state of ``go.mod``, which pins it by version and checksum.

    It is built in a copy of its module, because it refuses to start without a version file that its module leaves out.
    """
    target = state.shared_cache() / f"{name}-{catalogue.fingerprint([], [folder / 'go'])}"
    if target.exists():
        return target
    part = target.with_suffix(".part")
    with step(f"Building {name} from its Go module (some minutes, once)"), tempfile.TemporaryDirectory() as scratch:
        asked = ["go", "-C", str(folder / "go"), "mod", "download", "-json", _FERRETDB]
        module = json.loads(check(asked, what=f"Fetching the Go module of {name}", fix=INSTALL["go"], timeout=900))
        source = Path(scratch) / "source"
        shutil.copytree(module["Dir"], source, copy_function=shutil.copyfile)
        for path in [source, *source.rglob("*/")]:
            path.chmod(0o755)  # the module cache is read-only, and so is a plain copy of it
        (source / "build" / "version" / "version.txt").write_text(f"{module['Version']}\n")
        check(_go_build(source, part), what=f"Building {name}", timeout=1800, env={**os.environ, "CGO_ENABLED": "0"})
        part.replace(target)
    return target


def _go_build(source: Path, target: Path) -> list[str]:
    tags = "-tags=ferretdb_nopostgresql,ferretdb_nohana"
    return ["go", "-C", str(source), "build", "-buildvcs=false", "-trimpath", tags, "-ldflags=-s -w"] + [
        f"-o={target}",
        "./cmd/ferretdb",
    ]
